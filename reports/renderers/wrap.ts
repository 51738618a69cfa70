/** A space that does not part a number from its unit. */
const BREAK = / (?!(?:%|ms|s|min)(?![A-Za-z]))/;

/** Breaks text into lines of at most `width` columns, at spaces; longer words stand alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(BREAK)) {
    if (line !== '' && columnsOf(line) + 1 + columnsOf(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** At most `width` columns, the end cut off. */
export function clip(text: string, width: number): string {
  return columnsOf(text) <= width ? text : `${take(Array.from(text), width - 1).join('')}…`;
}

/** At most `width` columns, the beginning cut off: of a path, the end says more. */
export function clipStart(text: string, width: number): string {
  return columnsOf(text) <= width ? text : `…${take(Array.from(text).toReversed(), width - 1).toReversed().join('')}`;
}

/** As many of the characters as there is room for. */
function take(characters: readonly string[], width: number): string[] {
  let left = width;
  const end = characters.findIndex((character) => (left -= columnsOf(character)) < 0);
  return end < 0 ? [...characters] : characters.slice(0, end);
}

/** How many columns of a terminal text takes: two for a character of East Asia or an emoji, none for an accent of its own. */
export function columnsOf(text: string): number {
  if (!BEYOND_LATIN.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += WIDE.test(character) ? 2 : WITHOUT_WIDTH.test(character) ? 0 : 1;
  return columns;
}

const BEYOND_LATIN = /[\u0300-\u{10ffff}]/u;
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18dff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
