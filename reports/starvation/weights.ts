import { lastAtOrBefore } from '../binary-search.js';
import type { Pool, Recording, Timeline } from '../model.js';
import { poolSeries, type PoolSeries } from '../timeline/pool-series.js';

/**
 * How much each thing that happened on a pool at a time kept requests waiting, as running integrals: the blame of
 * something from a to b is its value at b less that at a. All of them together are the waiting time itself, so blame adds
 * up to it.
 *
 * At a moment with p requests waiting: while the event loop is blocked, the block has p. While the pool is full, each of
 * its n slots has p / n: those that are used, and those whose connection is being opened. While it is not full, the
 * opening of connections has p; when none is being opened either, nobody knows.
 */
export interface Weights {
  /** At any time: holders take and release their connections at all times. */
  holderAt(ms: number): number;
  /** Of the whole pool; only at the times that were asked for, and at the edges of blocks. */
  at(part: Part, ms: number): number;
  series: PoolSeries;
}

const PARTS = ['pending', 'holder', 'connecting', 'blocked', 'unknown'] as const;
export type Part = (typeof PARTS)[number];
type Amounts = Record<Part, number>;

/** @param askedMs the times at which all parts will be asked for. */
export function weighWaiting(timeline: Timeline, pool: Pool, askedMs: readonly number[]): Weights {
  const series = poolSeries(timeline, pool);
  const { blocked } = pool.recording;
  const asked = Float64Array.from([...askedMs, ...blocked.flatMap(({ startMs, ms }) => [startMs, startMs + ms])]).toSorted();
  const answers = new Map<number, Amounts>();
  const holder = new Integral();
  const sums = none();
  let slopes = NOTHING;
  let next = 0;
  let lastMs = 0;
  const answerUntil = (ms: number): void => {
    for (; next < asked.length && (asked[next] as number) < ms; next += 1) {
      const at = asked[next] as number;
      answers.set(at, amountsAt(sums, slopes, at - lastMs));
    }
  };
  for (const { ms, step, isBlocked } of changes(series, blocked)) {
    answerUntil(ms);
    if (slopes !== NOTHING) for (const part of PARTS) sums[part] += slopes[part] * (ms - lastMs);
    slopes = slopesAt(series, step, pool.max, isBlocked);
    holder.add(ms, sums.holder, slopes.holder);
    lastMs = ms;
  }
  answerUntil(Infinity);
  return { holderAt: (ms) => holder.at(ms), at: (part, ms) => answers.get(ms)?.[part] ?? 0, series };
}

function none(): Amounts {
  return { pending: 0, holder: 0, connecting: 0, blocked: 0, unknown: 0 };
}

function amountsAt(sums: Amounts, slopes: Amounts, ms: number): Amounts {
  const amounts = none();
  for (const part of PARTS) amounts[part] = sums[part] + slopes[part] * ms;
  return amounts;
}

interface Change {
  ms: number;
  /** Position in the series. */
  step: number;
  isBlocked: boolean;
}

/** Whenever something changes on the pool, or a block begins or ends; the same object each time. */
function* changes(series: PoolSeries, blocks: Recording['blocked']): Generator<Readonly<Change>> {
  const change: Change = { ms: 0, step: -1, isBlocked: false };
  let block = 0;
  while (change.step + 1 < series.atMs.length || block < blocks.length) {
    const { startMs, ms } = blocks[block] ?? { startMs: Infinity, ms: 0 };
    const stepMs = series.atMs[change.step + 1] ?? Infinity;
    const blockMs = change.isBlocked ? startMs + ms : startMs;
    change.ms = Math.max(change.ms, Math.min(stepMs, blockMs));
    if (stepMs <= blockMs) change.step += 1;
    if (blockMs <= stepMs) {
      if (change.isBlocked) block += 1;
      change.isBlocked = !change.isBlocked;
    }
    yield change;
  }
}

function slopesAt(series: PoolSeries, step: number, max: number, isBlocked: boolean): Amounts {
  const pending = series.pending[step] ?? 0;
  if (pending === 0) return NOTHING;
  const slopes = none();
  slopes.pending = pending;
  const used = series.used[step] ?? 0;
  const connecting = series.connecting[step] ?? 0;
  if (isBlocked) slopes.blocked = pending;
  else if (used > 0 && used + connecting >= max) {
    slopes.holder = pending / (used + connecting);
    slopes.connecting = (pending * connecting) / (used + connecting);
  } else if (connecting > 0) slopes.connecting = pending;
  else slopes.unknown = pending;
  return slopes;
}

const NOTHING: Amounts = none();

/** A running integral. Where it does not rise, it has no points: waiting is rare. */
class Integral {
  #atMs: Float64Array = new Float64Array(1024);
  #sums: Float64Array = new Float64Array(1024);
  #slopes: Float64Array = new Float64Array(1024);
  #length = 0;

  add(ms: number, sum: number, slope: number): void {
    if (slope === 0 && (this.#length === 0 || this.#slopes[this.#length - 1] === 0)) return;
    if (this.#length === this.#atMs.length) [this.#atMs, this.#sums, this.#slopes] = [twice(this.#atMs), twice(this.#sums), twice(this.#slopes)];
    this.#atMs[this.#length] = ms;
    this.#sums[this.#length] = sum;
    this.#slopes[this.#length] = slope;
    this.#length += 1;
  }

  at(ms: number): number {
    const index = lastAtOrBefore(this.#atMs, ms, this.#length);
    return index < 0 ? 0 : (this.#sums[index] as number) + (this.#slopes[index] as number) * (ms - (this.#atMs[index] as number));
  }
}

function twice(values: Float64Array): Float64Array {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}
