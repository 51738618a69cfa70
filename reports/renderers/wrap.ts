/** A space that does not part a number from its unit. */
const BREAK = / (?!(?:%|ms|s|min)(?![A-Za-z]))/;

/** Breaks text into lines of at most `width` characters, at spaces; longer words stand alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(BREAK)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** At most `width` characters, the end cut off. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** At most `width` characters, the beginning cut off: of a path, the end says more. */
export function clipStart(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - Math.max(0, width - 1))}`;
}
