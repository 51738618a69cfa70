import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { CallSite } from '../../model.js';
import type { Links } from '../links.js';
import { breakable, shortSite } from './format.js';

export const LinksContext = createContext<Links | null>(null);

/** A place in the source as `file:line`, with a link to it where there is one. */
export function Place({ site, short = false }: { site: CallSite; short?: boolean }) {
  const links = useContext(LinksContext);
  const href = links === null ? null : hrefOf(site, links);
  const text = short ? shortSite(site) : `${breakable(site.file)}:${site.line}`;
  if (href === null) return <code>{text}</code>;
  const web = /^https?:/i.test(href);
  return (
    <a class="place-link" href={href} title={web ? 'Open in the repository' : 'Open in the editor'} {...(web ? { target: '_blank', rel: 'noreferrer noopener' } : {})}>
      <code>{text}</code>
    </a>
  );
}

/** The address of a line; null when the file is none that could be opened, or lies outside of the repository. */
export function hrefOf({ file, line, column }: CallSite, { pattern, cwd, root }: Links): string | null {
  // "node:fs", "webpack://…", "<anonymous>", a text that was cut or had characters spelled out: no file.
  if (file === '' || /^[a-z][a-z0-9+.-]+:|[<>]|\\u\{|… \(/i.test(file)) return null;
  const absolute = normalise(/^(?:\/|[a-z]:[\\/])/i.test(file) ? file : `${cwd}/${file}`);
  let path = absolute;
  if (root !== null) {
    const folder = normalise(root).replace(/\/$/, '');
    if (!absolute.startsWith(`${folder}/`)) return null;
    path = absolute.slice(folder.length + 1);
  }
  const before = pattern.slice(0, pattern.indexOf('{file}'));
  // "vscode://file/{file}" and a path that begins with a slash: one is enough. Not so for "url=file://{file}".
  if (/[^/]\/$/.test(before)) path = path.replace(/^\/+/, '');
  const encoded = path.split('/').map((part, i) => (i <= 1 && /^[a-z]:$/i.test(part) ? part : encodeURIComponent(part).replaceAll("'", '%27'))).join('/');
  return pattern.replaceAll('{file}', () => encoded).replaceAll('{line}', String(Math.max(1, Math.trunc(line)))).replaceAll('{column}', String(Math.max(1, Math.trunc(column))));
}

/** With slashes, and without "." and "..". */
function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && (part !== '' || parts.length === 0)) parts.push(part);
  }
  return parts.join('/');
}
