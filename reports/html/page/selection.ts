import { lastAtOrBefore } from '../../binary-search.js';
import { at } from '../element.js';
import { MS } from './columns.js';
import type { PoolModel } from './model.js';

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
    const row = lastAtOrBefore(series.t, ms);
    return row < 0 ? 0 : at(known, row) + at(values, row) * (ms - at(series.t, row));
  };
  return Math.max(0, upTo(toMs) - upTo(fromMs));
}

/** The most requests that waited at one moment of a range. */
export function mostPending({ series }: PoolModel, fromMs: number, toMs: number): number {
  let most = 0;
  for (let row = Math.max(0, lastAtOrBefore(series.t, fromMs)); row < series.t.length && at(series.t, row) <= toMs; row++) most = Math.max(most, at(series.pending, row));
  return most;
}

/** How long the event loop did not turn in a range, as far as the page knows. */
export function blockedWithin({ page }: PoolModel, fromMs: number, toMs: number): number {
  return page.blocked.reduce((sum, [start, us]) => sum + Math.max(0, Math.min((start + us) * MS, toMs) - Math.max(start * MS, fromMs)), 0);
}

/** How long no connection was free in a range. Of a span that the range cuts, its short breaks count as spread over all of it. */
export function exhaustedWithin({ page }: PoolModel, fromMs: number, toMs: number): number {
  return page.exhausted.reduce((sum, [start, us, breaksUs]) => {
    const ms = Math.max(0, Math.min((start + us) * MS, toMs) - Math.max(start * MS, fromMs));
    return us === 0 ? sum : sum + ms * (1 - breaksUs / us);
  }, 0);
}
