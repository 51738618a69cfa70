import type { Column } from './page-data.js';

/** A column that holds one number everywhere is that number. */
export function packColumn(values: readonly number[]): Column {
  const first = values[0];
  if (first === undefined) return 0;
  for (const value of values) if (value !== first) return [...values];
  return first;
}

/** The column as an array of `length` numbers. */
export function unpackColumn(column: Column, length: number): ArrayLike<number> {
  return typeof column === 'number' ? new Float64Array(length).fill(column) : column;
}

/** Packs every column of a table. */
export function packTable<K extends string>(table: Record<K, number[]>): Record<K, Column> {
  const packed = {} as Record<K, Column>;
  for (const key of Object.keys(table) as K[]) packed[key] = packColumn(table[key]);
  return packed;
}

/** Milliseconds to whole microseconds. */
export function toUs(ms: number): number {
  return Math.round(ms * 1000);
}
