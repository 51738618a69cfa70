import type { Checkout } from '../model.js';
import { packTable } from './columns.js';
import type { MergedColumns } from './page-data.js';
import { orElse, timesOf } from '../timeline/times.js';
import { at } from './element.js';

/**
 * Adds up what the sample leaves out, for each lane and bucket: statements; awaits in open transactions; other idle time in
 * open transactions; the rest of the hold. A bucket that a checkout overlaps gets its part of it.
 */
export function mergeRest(
  checkouts: readonly Checkout[],
  keep: Uint8Array,
  lane: (index: number) => number,
  lanes: number,
  bucketMs: number,
  endMs: number,
): MergedColumns {
  const columns = Math.floor(endMs / bucketMs) + 1;
  const counts = new Uint32Array(lanes * columns);
  const [sql, awaited, idle, held] = [0, 0, 0, 0].map(() => new Float64Array(lanes * columns)) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const add = (sum: Float64Array, row: number, startMs: number, ms: number): void => {
    for (let from = startMs, left = ms; left > 0; ) {
      const column = Math.min(columns - 1, Math.max(0, Math.floor(from / bucketMs)));
      const part = column === columns - 1 ? left : Math.min(left, Math.max((column + 1) * bucketMs - from, 1e-6));
      sum[row + column] = at(sum, row + column) + part;
      from += part;
      left -= part;
    }
  };
  const times = timesOf(checkouts);
  for (const [index, checkout] of checkouts.entries()) {
    const acquiredMs = at(times.acquiredMs, index);
    if (keep[index] === 1 || Number.isNaN(acquiredMs) || lane(index) < 0) continue;
    const row = lane(index) * columns;
    const until = orElse(at(times.endedMs, index), endMs);
    const slot = row + Math.min(columns - 1, Math.max(0, Math.floor(acquiredMs / bucketMs)));
    counts[slot] = at(counts, slot) + 1;
    add(held, row, acquiredMs, until - acquiredMs);
    for (const { startMs, ms } of checkout.queries) add(sql, row, startMs, Math.min(ms, until - startMs));
    // Most have none: their gaps need not be made.
    if (checkout.transactions.length === 0) continue;
    for (const gap of checkout.gaps) {
      if (!gap.inTransaction) continue;
      add(idle, row, gap.startMs, gap.ms);
      for (const wait of gap.waits) add(awaited, row, wait.startMs, wait.ms);
    }
  }
  const table = { lane: [] as number[], bucket: [] as number[], count: [] as number[], sql: [] as number[], await: [] as number[], idle: [] as number[], held: [] as number[] };
  const perMille = (ms: number): number => Math.max(0, Math.min(1000, Math.round((ms / bucketMs) * 1000)));
  for (let row = 0; row < lanes; row++) {
    let before = 0;
    for (let column = 0; column < columns; column++) {
      const slot = row * columns + column;
      if (at(held, slot) === 0 && counts[slot] === 0) continue;
      table.lane.push(row);
      table.bucket.push(column - before);
      before = column;
      table.count.push(at(counts, slot));
      table.sql.push(perMille(at(sql, slot)));
      table.await.push(perMille(at(awaited, slot)));
      table.idle.push(perMille(at(idle, slot) - at(awaited, slot)));
      table.held.push(perMille(at(held, slot) - at(sql, slot) - at(idle, slot)));
    }
  }
  return { rows: table.lane.length, ...packTable({ ...table, lane: table.lane.map((lane, i) => lane - (i > 0 ? at(table.lane, i - 1) : 0)) }) };
}
