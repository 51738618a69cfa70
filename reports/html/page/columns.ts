import { at } from '../element.js';
import { unpackColumn } from '../columns.js';
import type { Column } from '../page-data.js';

/** Whole microseconds to milliseconds. */
export const MS = 1 / 1000;

export function sum(column: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < column.length; i++) total += at(column, i);
  return total;
}

/** Where the rows of each owner start in their table; one more entry for the end. */
export function offsets(counts: ArrayLike<number>): Int32Array {
  const starts = new Int32Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) starts[i + 1] = at(starts, i) + at(counts, i);
  return starts;
}

export function ints(column: Column, length: number): Int32Array {
  return Int32Array.from(unpackColumn(column, length));
}

export function times(column: Column, length: number): Float64Array {
  return Float64Array.from(unpackColumn(column, length), (us) => us * MS);
}

/** Adds up deltas. */
export function running(column: Column, length: number): Float64Array {
  const values = times(column, length);
  for (let i = 1; i < length; i++) values[i] = at(values, i - 1) + at(values, i);
  return values;
}

/** Starts that are relative to the end of the row before in the same owner, or to `origin` of the owner. */
export function chained(start: Column, lengths: Float64Array, from: Int32Array, origin: ArrayLike<number>): Float64Array {
  const values = times(start, lengths.length);
  for (let owner = 0; owner + 1 < from.length; owner++) {
    let before = at(origin, owner);
    for (let row = at(from, owner); row < at(from, owner + 1); row++) {
      values[row] = before + at(values, row);
      before = at(values, row) + at(lengths, row);
    }
  }
  return values;
}
