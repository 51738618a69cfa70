import { binOf, DURATION_EDGES_MS } from '../../durations.js';
import { unpackColumn } from '../columns.js';
import { at } from '../element.js';
import type { PageFinding, PageOccurrences } from '../page-data.js';
import { MS, running, times } from './columns.js';
import { findRow, type PoolModel } from './model.js';

/** A finding within the selected time. */
export interface FindingInRange {
  count: number;
  ms: number;
  maxMs: number;
  /** Of its pools' use time in the range; null: it holds no connections. */
  share: number | null;
  /** Of the waiting for its pools in the range; null: nobody waited, or it holds none. */
  waitShare: number | null;
  /** The numbers are of stretches of time that the range cuts. */
  isRough: boolean;
  /** How long those in the range took, by the bins of DURATION_EDGES_MS; null: not known one by one. */
  durations: number[] | null;
}

/** What the finding was between two moments; null where it is not known when it occurred. */
export function findingWithin(finding: PageFinding, pools: readonly PoolModel[], fromMs: number, toMs: number): FindingInRange | null {
  if (finding.seen.length === 0) return null;
  const sum: FindingInRange = { count: 0, ms: 0, maxMs: 0, share: null, waitShare: null, isRough: false, durations: finding.seen.every(({ columnUs }) => columnUs === 0) ? Array.from({ length: DURATION_EDGES_MS.length + 1 }, () => 0) : null };
  let useMs = 0;
  let waitMs = 0;
  let blamedMs = 0;
  for (const seen of finding.seen) {
    const pool = pools[seen.pool];
    const rows = unpack(seen);
    const isRough = rows.columnMs > 0;
    for (let i = 0; i < rows.start.length; i++) {
      const start = at(rows.start, i);
      const length = isRough ? rows.columnMs : at(rows.ms, i);
      if (start > toMs) break;
      const inside = Math.min(start + length, toMs) - Math.max(start, fromMs);
      if (inside < 0) continue;
      const part = length > 0 ? inside / length : 1;
      if (isRough && part < 1) sum.isRough = true;
      sum.count += isRough ? at(rows.count, i) * part : 1;
      sum.ms += at(rows.ms, i) * part;
      if (sum.durations !== null) {
        const bin = binOf(at(rows.ms, i));
        sum.durations[bin] = at(sum.durations, bin) + 1;
      }
      sum.maxMs = Math.max(sum.maxMs, at(rows.maxMs, i));
      if (pool !== undefined && pool.page.max > 0) blamedMs += pendingWithin(pool, Math.max(start, fromMs), Math.min(start + length, toMs)) * (length > 0 ? at(rows.ms, i) / length : 0) / pool.page.max;
    }
    if (pool === undefined) continue;
    useMs += usedWithin(pool, fromMs, toMs);
    waitMs += pendingWithin(pool, fromMs, toMs);
  }
  sum.count = Math.round(sum.count);
  if (finding.share !== null) {
    sum.share = useMs > 0 ? Math.min(1, sum.ms / useMs) : 0;
    if (waitMs > 0 && blamedMs / waitMs > 0.0005) sum.waitShare = Math.min(1, blamedMs / waitMs);
  }
  return sum;
}

interface Rows {
  columnMs: number;
  start: Float64Array;
  count: Float64Array;
  ms: Float64Array;
  maxMs: Float64Array;
}

const unpacked = new WeakMap<PageOccurrences, Rows>();

function unpack(seen: PageOccurrences): Rows {
  let rows = unpacked.get(seen);
  if (rows === undefined) {
    const n = seen.rows;
    rows = { columnMs: seen.columnUs * MS, start: running(seen.start, n), count: unpackColumn(seen.count, n), ms: times(seen.us, n), maxMs: times(seen.maxUs, n) };
    unpacked.set(seen, rows);
  }
  return rows;
}

/** Milliseconds for which connections were in use between two moments, all together. */
export function usedWithin(pool: PoolModel, fromMs: number, toMs: number): number {
  return within(pool, 'used', fromMs, toMs);
}

/** Milliseconds that requests waited between two moments, all together. */
export function pendingWithin(pool: PoolModel, fromMs: number, toMs: number): number {
  return within(pool, 'pending', fromMs, toMs);
}

const sums = new WeakMap<Float64Array, Float64Array>();

function within({ series }: PoolModel, field: 'used' | 'pending', fromMs: number, toMs: number): number {
  const values = series[field];
  let until = sums.get(values);
  if (until === undefined) {
    until = new Float64Array(values.length);
    for (let i = 1; i < values.length; i++) until[i] = at(until, i - 1) + at(values, i - 1) * (at(series.t, i) - at(series.t, i - 1));
    sums.set(values, until);
  }
  const known = until;
  const upTo = (ms: number): number => {
    const row = findRow(series.t, ms);
    return row < 0 ? 0 : at(known, row) + at(values, row) * (ms - at(series.t, row));
  };
  return Math.max(0, upTo(toMs) - upTo(fromMs));
}

/** The most requests that waited at one moment of a range. */
export function mostPending({ series }: PoolModel, fromMs: number, toMs: number): number {
  let most = 0;
  for (let row = Math.max(0, findRow(series.t, fromMs)); row < series.t.length && at(series.t, row) <= toMs; row++) most = Math.max(most, at(series.pending, row));
  return most;
}

/** How long no connection was free in a range. */
export function exhaustedWithin({ page }: PoolModel, fromMs: number, toMs: number): number {
  return page.exhausted.reduce((sum, [start, us]) => sum + Math.max(0, Math.min((start + us) * MS, toMs) - Math.max(start * MS, fromMs)), 0);
}
