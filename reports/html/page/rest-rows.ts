import { DURATION_EDGES_MS } from '../../durations.js';
import { unpackColumn } from '../columns.js';
import { at } from '../element.js';
import type { PageRest } from '../page-data.js';
import { ints, MS, times } from './columns.js';

const BINS = DURATION_EDGES_MS.length + 1;

/** `PageRest`, unpacked: times in milliseconds. */
export interface RestRows {
  bucketMs: number;
  buckets: number;
  /** Counts, bucket after bucket. */
  wait: Float64Array;
  use: Float64Array;
  kinds: Record<keyof PageRest['kinds'], Float64Array>;
  groups: { kind: Int32Array; wait: Int32Array; foreign: Int32Array; text: Int32Array; stack: Int32Array };
  times: { group: Int32Array; bucket: Int32Array; ms: Float64Array };
}

export function unpackRest({ bucketUs, buckets, wait, use, kinds, groups }: PageRest): RestRows {
  const n = groups.rows;
  const rows = groups.times.rows;
  const group = ints(groups.times.group, rows);
  for (let i = 1; i < rows; i++) group[i] = at(group, i - 1) + at(group, i);
  return {
    bucketMs: bucketUs * MS,
    buckets,
    wait: unpackColumn(wait, buckets * BINS),
    use: unpackColumn(use, buckets * BINS),
    kinds: { sql: times(kinds.sql, buckets), await: times(kinds.await, buckets), idle: times(kinds.idle, buckets), held: times(kinds.held, buckets) },
    groups: { kind: ints(groups.kind, n), wait: ints(groups.wait, n), foreign: ints(groups.foreign, n), text: ints(groups.text, n), stack: ints(groups.stack, n) },
    times: { group, bucket: ints(groups.times.bucket, rows), ms: times(groups.times.us, rows) },
  };
}

/** What share of a bucket lies in the range. */
export function partOfBucket({ bucketMs }: RestRows, bucket: number, fromMs: number, toMs: number): number {
  return Math.max(0, Math.min((bucket + 1) * bucketMs, toMs) - Math.max(bucket * bucketMs, fromMs)) / bucketMs;
}

/** Adds those that began in the range to counts by the bins of DURATION_EDGES_MS. */
export function addBins(bins: number[], field: 'wait' | 'use', rest: RestRows, fromMs: number, toMs: number): void {
  for (let bucket = 0; bucket < rest.buckets; bucket++) {
    const part = partOfBucket(rest, bucket, fromMs, toMs);
    if (part > 0) for (let bin = 0; bin < BINS; bin++) bins[bin] = at(bins, bin) + at(rest[field], bucket * BINS + bin) * part;
  }
}

export function emptyBins(): number[] {
  return Array.from({ length: BINS }, () => 0);
}
