import { unpackColumn } from '../columns.js';
import { at } from '../element.js';
import type { PageHolds, PageOccurrences } from '../page-data.js';
import { MS, running, times } from './columns.js';

/** `PageOccurrences`, unpacked: times in milliseconds. */
export interface OccurrenceRows {
  columnMs: number;
  startMs: Float64Array;
  count: Float64Array;
  running: Float64Array;
  ms: Float64Array;
  maxMs: Float64Array;
  worstStartMs: Float64Array;
  worstCheckout: Float64Array;
  statements: { text: number; rows: Float64Array; counts: Float64Array }[];
  holds: HoldRows | null;
}

export interface HoldRows {
  columnMs: number;
  startMs: Float64Array;
  ms: Float64Array;
  /** Shares of `ms`, 0 to 1. */
  sql: Float64Array;
  await: Float64Array;
  blocked: Float64Array;
}

const known = new WeakMap<PageOccurrences, OccurrenceRows>();

export function unpackOccurrences(seen: PageOccurrences): OccurrenceRows {
  let rows = known.get(seen);
  if (rows === undefined) known.set(seen, (rows = unpack(seen)));
  return rows;
}

function unpack(seen: PageOccurrences): OccurrenceRows {
  const n = seen.rows;
  const startMs = running(seen.start, n);
  return {
    columnMs: seen.columnUs * MS,
    startMs,
    count: unpackColumn(seen.count, n),
    running: unpackColumn(seen.running, n),
    ms: times(seen.us, n),
    maxMs: times(seen.maxUs, n),
    worstStartMs: times(seen.worstStart, n).map((ms, i) => at(startMs, i) + ms),
    worstCheckout: unpackColumn(seen.worstCheckout, n),
    statements: seen.statements.map(({ text, rows, row, count }) => ({ text, rows: running(row, rows).map((us) => Math.round(us / MS)), counts: unpackColumn(count, rows) })),
    holds: seen.holds === null ? null : unpackHolds(seen.holds),
  };
}

function unpackHolds({ columnUs, rows, start, us, sql, await: awaited, blocked }: PageHolds): HoldRows {
  const share = (column: PageHolds['sql']): Float64Array => unpackColumn(column, rows).map((value) => value / 1000);
  return { columnMs: columnUs * MS, startMs: running(start, rows), ms: times(us, rows), sql: share(sql), await: share(awaited), blocked: share(blocked) };
}
