import type { Column } from './page-data.js';
import { at } from './element.js';

/**
 * Numbers of a packed column are written in digits of base 46, the lowest first; a digit after which another one follows is
 * taken from the second half of these characters. Most numbers of a timeline so take two thirds of what they take as decimals
 * in a list. Among the printable characters of ASCII, those are left out that JSON would escape, and the one that could end a
 * script element.
 */
const DIGITS = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter((c) => !'"\\<'.includes(c));
const CODES = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));
const BASE = DIGITS.length / 2;
/** Of the largest safe number, with a sign. */
const MOST_DIGITS = Math.ceil(54 / Math.log2(BASE));
const VALUES = new Int8Array(128).fill(-1);
for (const [value, digit] of DIGITS.entries()) VALUES[digit.charCodeAt(0)] = value;

/** What a packed column begins with: whether there are negative numbers in it, which then alternate with the others. */
const [SIGNED, UNSIGNED] = ['-', '+'];

/** Packs whole numbers. A column that holds one number everywhere is that number. Throws a RangeError for a fraction. */
export function packColumn(values: readonly number[]): Column {
  const first = values[0];
  if (first === undefined) return 0;
  if (values.every((value) => value === first)) return first;
  const isSigned = values.some((value) => value < 0);
  // Into bytes: V8 keeps a text that grows by one character as a tree, which takes 32 bytes for each of them.
  const bytes = new Uint8Array(values.length * MOST_DIGITS);
  let length = 0;
  for (const value of values) {
    if (!Number.isSafeInteger(value)) throw new RangeError(`a column holds whole numbers, not ${value}`);
    let rest = !isSigned ? value : value < 0 ? -2 * value - 1 : 2 * value;
    for (; rest >= BASE; rest = Math.floor(rest / BASE)) bytes[length++] = at(CODES, BASE + (rest % BASE));
    bytes[length++] = at(CODES, rest);
  }
  return `${isSigned ? SIGNED : UNSIGNED}${new TextDecoder().decode(bytes.subarray(0, length))}`;
}

/** The column as an array of `length` numbers. */
export function unpackColumn(column: Column, length: number): Float64Array {
  const values = new Float64Array(length);
  if (typeof column === 'number') return values.fill(column);
  const isSigned = column.startsWith(SIGNED);
  let place = 1;
  for (let row = 0; row < length; row++) {
    let [value, weight, digit] = [0, 1, 0];
    do {
      digit = at(VALUES, column.charCodeAt(place++));
      value += (digit % BASE) * weight;
      weight *= BASE;
    } while (digit >= BASE);
    values[row] = !isSigned ? value : value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }
  return values;
}

/** Packs every column of a table. */
export function packTable<K extends string>(table: Record<K, number[]>): Record<K, Column> {
  const packed = {} as Record<K, Column>;
  for (const key of Object.keys(table) as K[]) packed[key] = packColumn(table[key]);
  return packed;
}
