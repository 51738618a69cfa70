/** Passwords in what a report shows of the source: a report goes to more people than the source does. */

const IN_URLS = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@'"`]*:)[^\s@'"`]+@/gi;
/** `password: '…'`, `API_KEY = "…"`, `"token": `…``; not `password: process.env.PASSWORD`. */
const NAMED = /((?:password|passwd|passphrase|pwd|secret|token|credential|api_?key|private_?key|authorization)\w*["'`]?\s*(?::|=|\?\?|\|\|)\s*)(["'`])(?:(?!\2)[^\\]|\\.)+\2/gi;

/** @param line of a source file. */
export function hideCredentials(line: string): string {
  return line.replace(IN_URLS, '$1…@').replace(NAMED, '$1$2…$2');
}
