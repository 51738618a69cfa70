/**
 * Characters that would change how their neighbours look, or that no font draws: controls (other than tab and newline),
 * and the marks that turn the direction of writing around. Shown as their code, so that what a reader sees is what ran.
 */
// oxlint-disable-next-line no-control-regex
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The text with invisible characters spelled out, and cut at `limit` characters. */
export function visibleText(text: string, limit = 2000): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}… (${(text.length - limit).toLocaleString('en')} more characters)` : text;
  return cut.replace(/\r\n/g, '\n').replace(INVISIBLE, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`);
}
