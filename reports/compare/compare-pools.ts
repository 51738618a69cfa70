/** The pools of two runs, matched by the place where they were made. */
import type { Analysis, Checkout, Pool } from '../model.js';
import { percentiles } from '../summarise-pools.js';
import { siteOf } from '../timeline/locate.js';
import { poolSeries } from '../timeline/pool-series.js';
import { sayPlace } from '../words.js';
import { POOL_METRICS, type ComparedPool, type Comparison, type Measure, type PoolMetric } from './model.js';
import { measureChange } from './noise.js';

const PARTS = 16;
/** A percentile of fewer is chance alone. */
const LEAST_CHECKOUTS = 5;

/** Differences below these do not matter: a millisecond is what a busy machine adds anywhere. */
const FLOORS: Record<PoolMetric, number> = { checkoutsPerSecond: 0.5, waitP50Ms: 1, waitP99Ms: 2, useP50Ms: 1, useP99Ms: 2, exhaustedShare: 0.02 };

/** The pools of a run that were made at one place. */
interface PoolGroup {
  name: string;
  pools: Pool[];
  checkouts: Checkout[];
}

export function comparePools(before: Analysis, after: Analysis): Pick<Comparison, 'pools' | 'unmatchedPools'> {
  const [left, right] = [groupPools(before), groupPools(after)];
  // A single pool is the same one, wherever the line has gone.
  const alone = left.length === 1 && right.length === 1;
  const pools: ComparedPool[] = [];
  const unmatchedPools: Comparison['unmatchedPools'] = [];
  for (const group of left) {
    const other = alone ? right[0] : right.find(({ name }) => name === group.name);
    if (other === undefined) unmatchedPools.push({ name: group.name, in: 'before' });
    else pools.push(compareGroups(group, before, other, after));
  }
  for (const { name } of right) if (!alone && left.every((group) => group.name !== name)) unmatchedPools.push({ name, in: 'after' });
  return { pools, unmatchedPools };
}

function groupPools({ timeline }: Analysis): PoolGroup[] {
  const groups = new Map<string, PoolGroup>();
  const byPool = new Map<Pool, PoolGroup>();
  for (const pool of timeline.pools) {
    const site = siteOf(pool.madeAt);
    const name = site === null ? pool.kind : sayPlace(site);
    let group = groups.get(name);
    if (group === undefined) groups.set(name, (group = { name, pools: [], checkouts: [] }));
    group.pools.push(pool);
    byPool.set(pool, group);
  }
  for (const checkout of timeline.checkouts) if (checkout.pool !== null) byPool.get(checkout.pool)?.checkouts.push(checkout);
  return [...groups.values()].filter(({ checkouts }) => checkouts.length > 0);
}

function compareGroups(before: PoolGroup, first: Analysis, after: PoolGroup, second: Analysis): ComparedPool {
  const [left, right] = [measureGroup(before, first), measureGroup(after, second)];
  const entries = POOL_METRICS.map((metric): [PoolMetric, Measure] => [metric, measureChange(left.whole[metric], right.whole[metric], { before: left.parts[metric], after: right.parts[metric] }, FLOORS[metric])]);
  const sizeOf = ({ pools }: PoolGroup): number => Math.max(...pools.map(({ max }) => max));
  return { name: after.name, max: { before: sizeOf(before), after: sizeOf(after) }, metrics: Object.fromEntries(entries) as Record<PoolMetric, Measure> };
}

interface Measured {
  whole: Record<PoolMetric, number>;
  parts: Record<PoolMetric, number[]>;
}

/** Over the time in which there was something to do; its parts are equally long. */
function measureGroup(group: PoolGroup, { timeline }: Analysis): Measured {
  const startMs = group.checkouts[0]?.requestedMs ?? 0;
  // To the last request: what comes after it is one long farewell.
  const endMs = Math.max(startMs + 1, group.checkouts.at(-1)?.requestedMs ?? 0);
  const exhausted = exhaustedSpans(group, timeline);
  const measure = (checkouts: readonly Checkout[], fromMs: number, untilMs: number): Record<PoolMetric, number> => {
    const waits = percentiles(checkouts.map(({ requestedMs, acquiredMs, endedMs }) => (acquiredMs ?? endedMs ?? untilMs) - requestedMs));
    const uses = percentiles(checkouts.flatMap(({ acquiredMs, endedMs }) => (acquiredMs === null ? [] : [(endedMs ?? untilMs) - acquiredMs])));
    const without = exhausted.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, untilMs) - Math.max(a, fromMs)), 0);
    const seconds = (untilMs - fromMs) / 1000;
    return { checkoutsPerSecond: checkouts.length / seconds, waitP50Ms: waits.p50Ms, waitP99Ms: waits.p99Ms, useP50Ms: uses.p50Ms, useP99Ms: uses.p99Ms, exhaustedShare: without / (untilMs - fromMs) / group.pools.length };
  };
  const count = Math.min(PARTS, Math.floor(group.checkouts.length / LEAST_CHECKOUTS));
  const widthMs = (endMs - startMs) / Math.max(1, count);
  const parts = Object.fromEntries(POOL_METRICS.map((metric): [PoolMetric, number[]] => [metric, []])) as Record<PoolMetric, number[]>;
  const within: Checkout[][] = Array.from({ length: count }, () => []);
  for (const checkout of group.checkouts) within[Math.min(count - 1, Math.floor((checkout.requestedMs - startMs) / widthMs))]?.push(checkout);
  for (const [part, checkouts] of within.entries()) {
    const values = measure(checkouts, startMs + part * widthMs, startMs + (part + 1) * widthMs);
    for (const metric of POOL_METRICS) if (checkouts.length > 0 || metric === 'checkoutsPerSecond' || metric === 'exhaustedShare') parts[metric].push(values[metric]);
  }
  return { whole: measure(group.checkouts, startMs, endMs), parts };
}

/** When a pool had all its connections in use. */
function exhaustedSpans({ pools }: PoolGroup, timeline: Analysis['timeline']): [startMs: number, endMs: number][] {
  const spans: [number, number][] = [];
  for (const pool of pools) {
    const { atMs, used } = poolSeries(timeline, pool);
    for (const [step, ms] of atMs.entries()) if ((used[step] ?? 0) >= pool.max) spans.push([ms, atMs[step + 1] ?? pool.recording.endMs]);
  }
  return spans;
}
