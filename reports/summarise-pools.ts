import type { Percentiles, Pool, PoolSummary, Timeline } from './model.js';
import { checkoutsOf } from './timeline/checkout-list.js';
import { poolSeries } from './timeline/pool-series.js';
import { emptyTimes, endAt } from './timeline/times.js';
import type { Context } from './rules/rule.js';
import { selectRank } from './select-rank.js';

/** One line a pool, by id. */
export function summarisePools({ timeline }: Context): PoolSummary[] {
  return timeline.pools.map((pool) => summarisePool(timeline, pool));
}

function summarisePool(timeline: Timeline, pool: Pool): PoolSummary {
  const times = checkoutsOf(timeline).byPool.get(pool)?.times ?? emptyTimes(0);
  const { requestedMs, acquiredMs } = times;
  const { endMs } = pool.recording;
  const lengths = new Float64Array(requestedMs.length);
  for (let index = 0; index < lengths.length; index += 1) {
    const servedMs = acquiredMs[index] as number;
    lengths[index] = (Number.isNaN(servedMs) ? endAt(times, index, endMs) : servedMs) - (requestedMs[index] as number);
  }
  const wait = ranksOf(lengths);
  let used = 0;
  for (let index = 0; index < lengths.length; index += 1) {
    const fromMs = acquiredMs[index] as number;
    if (!Number.isNaN(fromMs)) lengths[used++] = endAt(times, index, endMs) - fromMs;
  }
  return { id: pool.id, max: pool.max, checkouts: lengths.length, wait, use: ranksOf(lengths.subarray(0, used)), ...saturation(timeline, pool) };
}

function saturation(timeline: Timeline, pool: Pool): Pick<PoolSummary, 'pendingMax' | 'exhaustedMs'> {
  const { atMs, used, pending } = poolSeries(timeline, pool);
  let exhaustedMs = 0;
  let pendingMax = 0;
  for (let step = 0; step < atMs.length; step += 1) {
    pendingMax = Math.max(pendingMax, pending[step] as number);
    if ((used[step] as number) >= pool.max) exhaustedMs += (atMs[step + 1] ?? pool.recording.endMs) - (atMs[step] as number);
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
