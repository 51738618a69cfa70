import type { Percentiles, Pool, PoolSummary, Timeline } from './model.js';
import { poolSeries } from './timeline/pool-series.js';
import type { Context } from './rules/rule.js';

/** One line a pool, by id. */
export function summarisePools({ timeline, endOf }: Context): PoolSummary[] {
  const waits = new Map<Pool, number[]>(timeline.pools.map((pool) => [pool, []]));
  const uses = new Map<Pool, number[]>(timeline.pools.map((pool) => [pool, []]));
  for (const checkout of timeline.checkouts) {
    const { pool, acquiredMs, requestedMs } = checkout;
    if (pool === null) continue;
    waits.get(pool)?.push((acquiredMs ?? endOf(checkout)) - requestedMs);
    if (acquiredMs !== null) uses.get(pool)?.push(endOf(checkout) - acquiredMs);
  }
  return timeline.pools.map((pool) => summarisePool(timeline, pool, waits.get(pool) ?? [], uses.get(pool) ?? []));
}

function summarisePool(timeline: Timeline, pool: Pool, waits: number[], uses: number[]): PoolSummary {
  const { atMs, used, pending } = poolSeries(timeline, pool);
  let exhaustedMs = 0;
  let pendingMax = 0;
  for (const [step, ms] of atMs.entries()) {
    pendingMax = Math.max(pendingMax, pending[step] as number);
    if ((used[step] as number) >= pool.max) exhaustedMs += (atMs[step + 1] ?? pool.recording.endMs) - ms;
  }
  return { id: pool.id, max: pool.max, checkouts: waits.length, wait: percentiles(waits), use: percentiles(uses), pendingMax, exhaustedMs };
}

/** Exact, by nearest rank; all 0 when there are no values. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).toSorted();
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50Ms: rank(0.5), p90Ms: rank(0.9), p99Ms: rank(0.99), maxMs: rank(1) };
}
