import type { PoolSeries } from '../timeline/pool-series.js';
import { at } from './element.js';

/** One moment at which the pool's counts change. */
export interface PoolStep {
  ms: number;
  used: number;
  idle: number;
  pending: number;
}

export interface PoolSteps {
  steps: PoolStep[];
  /** 0: every change; otherwise each step covers so much time: used and idle averaged, pending at its highest. */
  bucketMs: number;
  exhausted: Exhausted[];
}

/** A time without a free connection, and how long there was one in the short breaks that are not told. */
export type Exhausted = [startMs: number, ms: number, breaksMs: number];

/** A pool's series for a page: at most about `limit` steps, and the times without a free connection. `endMs`: when its process ended. */
export function reducePoolSeries(series: PoolSeries, max: number, endMs: number, limit: number): PoolSteps {
  const bucketMs = series.atMs.length > limit ? Math.max(endMs, 1) / limit : 0;
  return {
    steps: bucketMs === 0 ? exactSteps(series) : bucketedSteps(series, bucketMs, endMs),
    bucketMs,
    exhausted: exhaustedSpans(series, max, endMs, Math.max(1, endMs / limit)),
  };
}

/** A hand-over from one request to the next takes some microseconds: a dip that nobody can see. */
const DIP_MS = 0.2;

function exactSteps({ atMs, used, idle, pending }: PoolSeries): PoolStep[] {
  const steps: PoolStep[] = [];
  for (const [i, ms] of atMs.entries()) {
    const step = { ms, used: at(used, i), idle: at(idle, i), pending: at(pending, i) };
    const last = steps.at(-1);
    if (last !== undefined && ms - last.ms < DIP_MS) Object.assign(last, { ...step, ms: last.ms });
    else steps.push(step);
  }
  return steps;
}

function bucketedSteps({ atMs, used, idle, pending }: PoolSeries, bucketMs: number, endMs: number): PoolStep[] {
  const columns = Math.max(1, Math.ceil(endMs / bucketMs - 1e-9));
  const sums = { used: new Float64Array(columns), idle: new Float64Array(columns), pending: new Float64Array(columns) };
  // A million checkouts make millions of steps: they are gone through by their number.
  for (let i = 0; i < atMs.length; i++) {
    const start = at(atMs, i);
    const until = Math.min(atMs[i + 1] ?? endMs, endMs);
    for (let column = Math.min(columns - 1, Math.floor(start / bucketMs)); column < columns && column * bucketMs < until; column++) {
      const part = Math.max(0, Math.min(until, (column + 1) * bucketMs) - Math.max(start, column * bucketMs)) / bucketMs;
      sums.used[column] = at(sums.used, column) + at(used, i) * part;
      sums.idle[column] = at(sums.idle, column) + at(idle, i) * part;
      sums.pending[column] = Math.max(at(sums.pending, column), at(pending, i));
    }
  }
  return Array.from({ length: columns }, (_, c) => ({ ms: c * bucketMs, used: tidy(at(sums.used, c)), idle: tidy(at(sums.idle, c)), pending: at(sums.pending, c) }));
}

function tidy(value: number): number {
  return Math.round(value * 100) / 100;
}

/** What is parted by breaks of at most `bridgeMs` is one span. */
function exhaustedSpans({ atMs, used }: PoolSeries, max: number, endMs: number, bridgeMs: number): Exhausted[] {
  const spans: Exhausted[] = [];
  if (max <= 0) return spans;
  for (let i = 0; i < atMs.length; i++) {
    if (at(used, i) < max) continue;
    const start = at(atMs, i);
    const until = Math.max(start, Math.min(atMs[i + 1] ?? endMs, endMs));
    const last = spans.at(-1);
    const breakMs = last === undefined ? Infinity : start - (last[0] + last[1]);
    if (last === undefined || breakMs > bridgeMs) spans.push([start, until - start, 0]);
    else {
      last[1] = until - last[0];
      last[2] += breakMs;
    }
  }
  return spans;
}
