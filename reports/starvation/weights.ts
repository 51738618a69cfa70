import type { Pool, Recording, Timeline } from '../model.js';
import { lastStepAt, poolSeries, type PoolSeries } from '../timeline/pool-series.js';

/**
 * How much each thing that happened on a pool at a time kept requests waiting, as running integrals: the blame of
 * something from a to b is `at(b) - at(a)`. All of them together are the waiting time itself, so blame adds up to it.
 *
 * At a moment with p requests waiting: while the event loop is blocked, the block has p. While the pool is full, each of
 * its n slots has p / n: those that are used, and those whose connection is being opened. While it is not full, the
 * opening of connections has p; when none is being opened either, nobody knows.
 */
export interface Weights {
  pending: Integral;
  holder: Integral;
  connecting: Integral;
  blocked: Integral;
  unknown: Integral;
  series: PoolSeries;
}

export interface Integral {
  at(ms: number): number;
}

const PARTS = ['pending', 'holder', 'connecting', 'blocked', 'unknown'] as const;
type Part = (typeof PARTS)[number];

export function weighWaiting(timeline: Timeline, pool: Pool): Weights {
  const series = poolSeries(timeline, pool);
  const times = changePoints(series, pool.recording.blocked);
  const slopes: Record<Part, Float64Array> = zeros(times.length);
  const sums: Record<Part, Float64Array> = zeros(times.length);
  let block = 0;
  for (const [index, ms] of times.entries()) {
    if (index > 0) {
      const passedMs = ms - (times[index - 1] as number);
      for (const part of PARTS) sums[part][index] = (sums[part][index - 1] as number) + (slopes[part][index - 1] as number) * passedMs;
    }
    while (block < pool.recording.blocked.length && blockEnd(pool.recording, block) <= ms) block += 1;
    const isBlocked = (pool.recording.blocked[block]?.startMs ?? Infinity) <= ms;
    setSlopes(slopes, index, series, lastStepAt(series.atMs, ms), pool.max, isBlocked);
  }
  const integral = (part: Part): Integral => ({ at: (ms) => valueAt(times, sums[part], slopes[part], ms) });
  return {
    pending: integral('pending'),
    holder: integral('holder'),
    connecting: integral('connecting'),
    blocked: integral('blocked'),
    unknown: integral('unknown'),
    series,
  };
}

function blockEnd(recording: Recording, index: number): number {
  const block = recording.blocked[index];
  return block === undefined ? Infinity : block.startMs + block.ms;
}

function changePoints(series: PoolSeries, blocks: Recording['blocked']): Float64Array {
  const times = new Float64Array(series.atMs.length + blocks.length * 2);
  times.set(series.atMs);
  for (const [index, { startMs, ms }] of blocks.entries()) {
    times[series.atMs.length + index * 2] = startMs;
    times[series.atMs.length + index * 2 + 1] = startMs + ms;
  }
  return times.toSorted();
}

function zeros(length: number): Record<Part, Float64Array> {
  const make = (): Float64Array => new Float64Array(length);
  return { pending: make(), holder: make(), connecting: make(), blocked: make(), unknown: make() };
}

function setSlopes(slopes: Record<Part, Float64Array>, index: number, series: PoolSeries, step: number, max: number, isBlocked: boolean): void {
  const pending = series.pending[step] ?? 0;
  if (pending === 0) return;
  slopes.pending[index] = pending;
  if (isBlocked) {
    slopes.blocked[index] = pending;
    return;
  }
  const used = series.used[step] ?? 0;
  const connecting = series.connecting[step] ?? 0;
  if (used > 0 && used + connecting >= max) {
    slopes.holder[index] = pending / (used + connecting);
    slopes.connecting[index] = (pending * connecting) / (used + connecting);
  } else if (connecting > 0) {
    slopes.connecting[index] = pending;
  } else {
    slopes.unknown[index] = pending;
  }
}

function valueAt(times: Float64Array, sums: Float64Array, slopes: Float64Array, ms: number): number {
  const index = lastStepAt(times, ms);
  if (index < 0) return 0;
  return (sums[index] as number) + (slopes[index] as number) * (ms - (times[index] as number));
}
