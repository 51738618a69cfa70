/** Finds where in a configuration's text something is said, for messages that an editor can follow. */

/** A place as editors count: from 1. */
export interface TextPlace {
  line: number;
  column: number;
}

export function placeAt(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** Where text that is no JSON stops to be the beginning of some: V8 does not always say it. */
export function offsetOfMistake(text: string): number {
  const { length } = text;
  const said = mistakeIn(text);
  if (said !== null) return said;
  let [good, bad] = [0, length];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if ((mistakeIn(text.slice(0, middle)) ?? -1) === middle) good = middle;
    else bad = middle;
  }
  return good;
}

/** The offset of a mistake; the end when it is only that text is missing there, or nothing; null when it is not said. */
function mistakeIn(text: string): number | null {
  try {
    JSON.parse(text);
    return text.length;
  } catch (error) {
    const { message } = error as Error;
    const position = /at position (\d+)/.exec(message)?.[1];
    if (position !== undefined) return Number(position);
    return message.includes('end of JSON') ? text.length : null;
  }
}

/** Where the value of a path stands in JSON (of a key that is not known: the key); null when it is not there. */
export function locateInJson(text: string, path: readonly PropertyKey[]): TextPlace | null {
  let offset = skipSpace(text, 0);
  let at = offset;
  for (const key of path) {
    const found = typeof key === 'number' ? findItem(text, offset, key) : findEntry(text, offset, String(key));
    if (found === null) return null;
    at = found.at;
    offset = found.value;
  }
  return placeAt(text, at);
}

/** In a program the place can only be guessed: where the key is written once, it is that. */
export function locateInProgram(text: string, path: readonly PropertyKey[]): TextPlace | null {
  const key = path.findLast((part) => typeof part === 'string');
  if (key === undefined) return null;
  const found = [...text.matchAll(new RegExp(`(?<![\\w$-])(['"]?)${key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\1\\s*:`, 'g'))];
  const [only] = found;
  return only === undefined || found.length > 1 ? null : placeAt(text, only.index);
}

interface Found {
  /** Of the key, or the item. */
  at: number;
  value: number;
}

function findEntry(text: string, object: number, wanted: string): Found | null {
  let found: Found | null = null;
  if (text[object] !== '{') return null;
  for (let i = skipSpace(text, object + 1); i < text.length && text[i] !== '}'; ) {
    const end = skipValue(text, i);
    const value = skipSpace(text, skipSpace(text, end) + 1);
    // Of two of one name, the last one counts.
    if (JSON.parse(text.slice(i, end)) === wanted) found = { at: i, value };
    i = nextAfter(text, value);
  }
  return found;
}

function findItem(text: string, list: number, wanted: number): Found | null {
  if (text[list] !== '[') return null;
  let index = 0;
  for (let i = skipSpace(text, list + 1); i < text.length && text[i] !== ']'; index += 1) {
    if (index === wanted) return { at: i, value: i };
    i = nextAfter(text, i);
  }
  return null;
}

function nextAfter(text: string, value: number): number {
  const end = skipSpace(text, skipValue(text, value));
  return text[end] === ',' ? skipSpace(text, end + 1) : end;
}

function skipSpace(text: string, from: number): number {
  let i = from;
  while (i < text.length && ' \t\r\n'.includes(text[i] as string)) i += 1;
  return i;
}

/** The end of a value of valid JSON. */
function skipValue(text: string, from: number): number {
  if (text[from] === '"') return skipString(text, from);
  if (text[from] !== '{' && text[from] !== '[') {
    let i = from;
    while (i < text.length && !',]} \t\r\n:'.includes(text[i] as string)) i += 1;
    return i;
  }
  let depth = 0;
  for (let i = from; i < text.length; ) {
    const c = text[i] as string;
    if (c === '"') {
      i = skipString(text, i);
      continue;
    }
    if (c === '{' || c === '[') depth += 1;
    if (c === '}' || c === ']') depth -= 1;
    i += 1;
    if (depth === 0) return i;
  }
  return text.length;
}

function skipString(text: string, from: number): number {
  let i = from + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}
