import { visibleText } from './visible-text.js';

/** Where a line leads to. Paths are absolute. */
export interface Links {
  /** With {file}, {line} and {column}; see `checkLinkPattern`. */
  pattern: string;
  /** What relative paths of call sites are relative to. */
  cwd: string;
  /** {file} is relative to it, and what lies outside has no link; null: {file} is absolute. */
  root: string | null;
}

/** What may open a line: the web, and editors. Whatever else a pattern names could run something. */
export const LINK_SCHEMES = ['http', 'https', 'vscode', 'vscode-insiders', 'vscodium', 'cursor', 'windsurf', 'zed', 'idea', 'webstorm', 'jetbrains', 'subl', 'txmt', 'mvim', 'emacs', 'nova'] as const;

/** Opens VS Code at a line. */
export const VSCODE_PATTERN = 'vscode://file/{file}:{line}:{column}';

/** What is wrong with a pattern, to be put behind "expected"; null: nothing. */
export function checkLinkPattern(pattern: string): string | null {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(pattern)?.[1]?.toLowerCase();
  if (scheme === undefined || !LINK_SCHEMES.some((known) => known === scheme)) return `an address that begins with one of ${LINK_SCHEMES.join(', ')}`;
  if (!pattern.includes('{file}')) return 'an address with {file} in it, and {line} where it can have one';
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u0020"'<>`\\]/.test(pattern)) return 'an address without spaces, quotes and control characters';
  return null;
}

/** For the page. A pattern that is none is left out: the page has no link then. */
export function buildPageLinks(links: Links | undefined): Links | null {
  if (links === undefined || checkLinkPattern(links.pattern) !== null) return null;
  return { ...links, cwd: visibleText(links.cwd) };
}
