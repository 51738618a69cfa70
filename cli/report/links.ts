/** Where the lines of an HTML report lead to: an editor on this machine, or the repository. */
import { resolve } from 'node:path';
import type { InferredOptionTypes, Options } from 'yargs';
import { checkLinkPattern, VSCODE_PATTERN, type Links } from '../../reports/html/links.js';
import { ToolError } from '../errors.js';
import { didYouMean } from '../suggest.js';
import { findSourceRoot } from './source-root.js';

/** Patterns by the name of their editor. */
export const EDITORS = {
  vscode: VSCODE_PATTERN,
  cursor: 'cursor://file/{file}:{line}:{column}',
  windsurf: 'windsurf://file/{file}:{line}:{column}',
  vscodium: 'vscodium://file/{file}:{line}:{column}',
  zed: 'zed://file/{file}:{line}:{column}',
  idea: 'idea://open?file={file}&line={line}&column={column}',
  webstorm: 'webstorm://open?file={file}&line={line}&column={column}',
  sublime: 'subl://open?url=file://{file}&line={line}&column={column}',
  textmate: 'txmt://open?url=file://{file}&line={line}&column={column}',
} as const satisfies Record<string, string>;

export const LINK_OPTIONS = {
  editor: {
    type: 'string',
    requiresArg: true,
    describe: `HTML: editor that lines open in: ${Object.keys(EDITORS).join(', ')}, an address with {file}, {line} and {column}, or none`,
    defaultDescription: 'vscode',
  },
  'source-url': { type: 'string', requiresArg: true, describe: 'HTML: address of a line in the repository, with {file} and {line}', defaultDescription: 'on GitHub and GitLab CI: the commit' },
} as const satisfies Record<string, Options>;

/** As a user wrote them, on the command line or in the configuration. */
export interface LinkWishes {
  editor?: string | undefined;
  sourceUrl?: string | undefined;
}

/**
 * The command line counts before the configuration, that before what CI knows of the commit; else it is VS Code.
 * @returns null for none: links are not wanted.
 * @throws ToolError for a pattern that is none, or leads to something that is no editor.
 */
export function choosePattern(args: InferredOptionTypes<typeof LINK_OPTIONS>, config: LinkWishes = {}, env: NodeJS.ProcessEnv = process.env): Pick<LinkChoice, 'pattern' | 'isRepository'> | null {
  const sourceUrl = args['source-url'];
  if (args.editor !== undefined && sourceUrl !== undefined) throw new ToolError('--editor and --source-url exclude each other: a line leads to one place');
  if (sourceUrl !== undefined) return { pattern: readSourceUrl(sourceUrl, '--source-url'), isRepository: true };
  if (args.editor !== undefined) return readEditor(args.editor, '--editor');
  if (config.sourceUrl !== undefined) return { pattern: readSourceUrl(config.sourceUrl, 'links.sourceUrl'), isRepository: true };
  if (config.editor !== undefined) return readEditor(config.editor, 'links.editor');
  const commit = commitUrl(env);
  return commit === null ? { pattern: EDITORS.vscode, isRepository: false } : { pattern: commit, isRepository: true };
}

export interface LinkChoice {
  pattern: string;
  isRepository: boolean;
}

/** The links of a report about a run in `cwd`. */
export function linksFor(choice: LinkChoice | null, cwd: string): Links | undefined {
  return choice === null ? undefined : { pattern: choice.pattern, cwd, root: choice.isRepository ? findSourceRoot(cwd) : null };
}

function readEditor(text: string, name: string): LinkChoice | null {
  if (text === 'none') return null;
  if (/^[\w-]+$/.test(text)) {
    if (!Object.hasOwn(EDITORS, text)) throw new ToolError(`${name} is ${JSON.stringify(text)}, expected ${Object.keys(EDITORS).join(', ')}, none, or an address with {file} and {line}${didYouMean(text, Object.keys(EDITORS))}`);
    return { pattern: EDITORS[text as keyof typeof EDITORS], isRepository: false };
  }
  return { pattern: checked(text, name), isRepository: false };
}

/** Of the address of a folder the rest is known: files below it, lines as GitHub, GitLab and others write them. */
function readSourceUrl(text: string, name: string): string {
  const pattern = text.includes('{file}') ? text : `${text.replace(/\/+$/, '')}/{file}#L{line}`;
  if (!/^https?:\/\//i.test(pattern)) throw new ToolError(`${name} is ${JSON.stringify(text)}, expected an address that begins with https:// or http://`);
  return checked(pattern, name);
}

function checked(pattern: string, name: string): string {
  const expected = checkLinkPattern(pattern);
  if (expected !== null) throw new ToolError(`${name} is ${JSON.stringify(pattern)}, expected ${expected}`);
  return pattern;
}

/** On CI the report is read elsewhere, where these files are not: at the commit they are. */
function commitUrl(env: NodeJS.ProcessEnv): string | null {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA, CI_PROJECT_URL, CI_COMMIT_SHA } = env;
  const folder = GITHUB_SERVER_URL && GITHUB_REPOSITORY && GITHUB_SHA ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/blob/${GITHUB_SHA}` : CI_PROJECT_URL && CI_COMMIT_SHA ? `${CI_PROJECT_URL}/-/blob/${CI_COMMIT_SHA}` : null;
  if (folder === null) return null;
  const pattern = `${folder}/{file}#L{line}`;
  return checkLinkPattern(pattern) === null ? pattern : null;
}

/** For reports that no option or configuration speaks about. */
export function defaultLinks(cwd: string): Links | undefined {
  return linksFor(choosePattern({ editor: undefined, 'source-url': undefined }), resolve(cwd));
}
