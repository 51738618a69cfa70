import type { Checkout, Percentiles, Pool, PoolSummary, Timeline } from './model.js';
import { groupByPool } from './timeline/by-pool.js';
import { poolSeries } from './timeline/pool-series.js';
import type { Context } from './rules/rule.js';
import { selectRank } from './select-rank.js';

/** One line a pool, by id. */
export function summarisePools({ timeline, endOf }: Context): PoolSummary[] {
  return timeline.pools.map((pool) => summarisePool(timeline, pool, endOf));
}

function summarisePool(timeline: Timeline, pool: Pool, endOf: Context['endOf']): PoolSummary {
  const checkouts = groupByPool(timeline.checkouts).get(pool) ?? [];
  const times = new Float64Array(checkouts.length);
  for (let index = 0; index < times.length; index += 1) {
    const checkout = checkouts[index] as Checkout;
    times[index] = (checkout.acquiredMs ?? endOf(checkout)) - checkout.requestedMs;
  }
  const wait = ranksOf(times);
  let used = 0;
  for (const checkout of checkouts) {
    const { acquiredMs } = checkout;
    if (acquiredMs !== null) times[used++] = endOf(checkout) - acquiredMs;
  }
  return { id: pool.id, max: pool.max, checkouts: checkouts.length, wait, use: ranksOf(times.subarray(0, used)), ...saturation(timeline, pool) };
}

function saturation(timeline: Timeline, pool: Pool): Pick<PoolSummary, 'pendingMax' | 'exhaustedMs'> {
  const { atMs, used, pending } = poolSeries(timeline, pool);
  let exhaustedMs = 0;
  let pendingMax = 0;
  for (const [step, ms] of atMs.entries()) {
    pendingMax = Math.max(pendingMax, pending[step] as number);
    if ((used[step] as number) >= pool.max) exhaustedMs += (atMs[step + 1] ?? pool.recording.endMs) - ms;
  }
  return { pendingMax, exhaustedMs };
}

/** Exact, by nearest rank; all 0 when there are no values. */
export function percentiles(values: readonly number[]): Percentiles {
  return ranksOf(Float64Array.from(values));
}

/** The same; puts the values into another order. */
function ranksOf(values: Float64Array): Percentiles {
  let from = 0;
  const rank = (share: number): number => {
    const index = Math.max(0, Math.ceil(values.length * share) - 1);
    const value = selectRank(values, index, from);
    from = index;
    return value;
  };
  return { p50Ms: rank(0.5), p90Ms: rank(0.9), p99Ms: rank(0.99), maxMs: rank(1) };
}
