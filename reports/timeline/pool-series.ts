import { lastAtOrBefore } from '../binary-search.js';
import type { Pool, Timeline } from '../model.js';
import { checkoutsOf } from './checkout-list.js';
import { sortNearlySorted } from './nearly-sorted.js';
import { emptyTimes } from './times.js';

/** A request that was served faster than this was never queued: an idle connection was handed to it at the next tick. */
const QUEUED_MS = 1;

/**
 * A pool over time, as steps: at `atMs[i]` the counts become `used[i]`, `idle[i]`, `pending[i]` and stay so until
 * `atMs[i + 1]` (the last step: until the timeline's end). Strictly ascending; empty when nothing happened on the pool.
 */
export interface PoolSeries {
  atMs: Float64Array;
  /** Connections that are checked out. */
  used: Counts;
  /** Open connections that nobody holds. */
  idle: Counts;
  /** Requests that wait for a connection. Those that were served within a millisecond are not counted. */
  pending: Counts;
  /** Connections that are being opened. */
  connecting: Counts;
}

/** As small as the largest number allows. */
export type Counts = Uint8Array | Uint16Array | Uint32Array;

/** The least and the most of a count in each of N equal columns. */
export interface Extremes {
  min: Float64Array;
  max: Float64Array;
}

export interface SampledSeries {
  startMs: number;
  endMs: number;
  used: Extremes;
  idle: Extremes;
  pending: Extremes;
}

const USED = 0;
const OPEN = 1;
const PENDING = 2;
const CONNECTING = 3;
/** Set for the end of what a field counts. */
const END = 4;
const CODES = 8;
const US = 1000;
/** The largest number of each kind of count. */
const WIDTHS = [
  { most: 0xff, make: (size: number): Counts => new Uint8Array(size) },
  { most: 0xffff, make: (size: number): Counts => new Uint16Array(size) },
  { most: Infinity, make: (size: number): Counts => new Uint32Array(size) },
] as const;

const known = new WeakMap<Pool, PoolSeries>();

/** The exact change points of one pool; made once. */
export function poolSeries(timeline: Timeline, pool: Pool): PoolSeries {
  let series = known.get(pool);
  if (series === undefined) known.set(pool, (series = seriesOf(timeline, pool)));
  return series;
}

/** The same; of the clients without a pool, too. */
export function seriesOf(timeline: Timeline, pool: Pool | null): PoolSeries {
  return steps(edgesOf(timeline, pool));
}

/**
 * Each edge as one number, its time in microseconds (that is exact) times eight plus its code. Lists of one kind each: what
 * comes in the order of the requests is sorted already, or nearly so.
 */
function edgesOf(timeline: Timeline, pool: Pool | null): Float64Array[] {
  const times = checkoutsOf(timeline).byPool.get(pool)?.times ?? emptyTimes(0);
  const { length } = times.requestedMs;
  const [requested, served, acquired, ended] = [0, 0, 0, 0].map(() => new EdgeList(length)) as [EdgeList, EdgeList, EdgeList, EdgeList];
  for (let index = 0; index < length; index += 1) {
    const [requestedMs, acquiredMs, endedMs] = [times.requestedMs[index], times.acquiredMs[index], times.endedMs[index]] as [number, number, number];
    const isAcquired = !Number.isNaN(acquiredMs);
    const servedMs = isAcquired ? acquiredMs : endedMs;
    // Of one that still waits this is not a number.
    if (!(servedMs - requestedMs < QUEUED_MS)) {
      requested.add(requestedMs, PENDING);
      if (!Number.isNaN(servedMs)) served.add(servedMs, PENDING + END);
    }
    if (!isAcquired) continue;
    acquired.add(acquiredMs, USED);
    if (!Number.isNaN(endedMs)) ended.add(endedMs, USED + END);
  }
  return [connectionEdges(timeline, pool), requested, served, acquired, ended].map((list) => list.finish()).filter(({ length }) => length > 0);
}

function connectionEdges({ connections }: Timeline, pool: Pool | null): EdgeList {
  const own = connections.filter((connection) => connection.pool === pool);
  const edges = new EdgeList(own.length * 4);
  for (const { connectingMs, connectedMs, closedMs } of own) {
    const doneMs = connectedMs ?? closedMs;
    edges.add(connectingMs, CONNECTING);
    if (doneMs !== null) edges.add(doneMs, CONNECTING + END);
    if (connectedMs === null) continue;
    edges.add(connectedMs, OPEN);
    if (closedMs !== null) edges.add(closedMs, OPEN + END);
  }
  return edges;
}

class EdgeList {
  length = 0;
  readonly #edges: Float64Array;

  constructor(most: number) {
    this.#edges = new Float64Array(most);
  }

  add(ms: number, code: number): void {
    this.#edges[this.length++] = Math.round(ms * US) * CODES + code;
  }

  finish(): Float64Array {
    return sortNearlySorted(this.#edges.subarray(0, this.length));
  }
}

/**
 * Goes through the edges of all lists in their order. Nearly every one is a moment of its own, so there is room for each.
 * It is one loop without calls: a million checkouts have millions of edges.
 */
function steps(lists: readonly Float64Array[], width: 0 | 1 | 2 = 0): PoolSeries {
  const size = lists.reduce((sum, { length }) => sum + length, 0);
  const { most, make } = WIDTHS[width];
  const [atMs, used, idle, pending, connecting] = [new Float64Array(size), make(size), make(size), make(size), make(size)];
  const next = new Uint32Array(lists.length);
  const heads = Float64Array.from(lists, (list) => list[0] ?? Infinity);
  const counts = new Int32Array(END);
  let last = -1;
  let lastUs = -1;
  for (let left = size; left > 0; left -= 1) {
    let from = 0;
    for (let index = 1; index < heads.length; index += 1) if ((heads[index] as number) < (heads[from] as number)) from = index;
    const edge = heads[from] as number;
    next[from] = (next[from] as number) + 1;
    heads[from] = lists[from]?.[next[from] as number] ?? Infinity;
    const us = Math.floor(edge / CODES);
    const code = edge - us * CODES;
    const count = (counts[code % END] as number) + (code < END ? 1 : -1);
    if (count > most) return steps(lists, width === 0 ? 1 : 2);
    counts[code % END] = count;
    if (us !== lastUs) last += 1;
    lastUs = us;
    atMs[last] = us / US;
    used[last] = counts[USED] as number;
    // Held connections whose opening was not recorded are in use, yet not known as open.
    idle[last] = Math.max(0, (counts[OPEN] as number) - (counts[USED] as number));
    pending[last] = counts[PENDING] as number;
    connecting[last] = counts[CONNECTING] as number;
  }
  const cut = <Values extends Float64Array | Counts>(values: Values): Values => values.subarray(0, last + 1) as Values;
  return { atMs: cut(atMs), used: cut(used), idle: cut(idle), pending: cut(pending), connecting: cut(connecting) };
}

/**
 * The series in `columns` equal columns from `startMs` to `endMs`, with the least and the most of each column, so that a
 * peak of a millisecond is still seen when an hour is drawn on a thousand pixels.
 */
export function resampleSeries(series: PoolSeries, columns: number, startMs: number, endMs: number): SampledSeries {
  const width = (endMs - startMs) / columns;
  const resample = (values: Counts): Extremes => {
    const min = new Float64Array(columns);
    const max = new Float64Array(columns);
    let step = lastAtOrBefore(series.atMs, startMs);
    for (let column = 0; column < columns; column += 1) {
      const columnEnd = startMs + (column + 1) * width;
      // What changes right at the column's start was not so in it.
      while (step + 1 < series.atMs.length && (series.atMs[step + 1] as number) <= startMs + column * width) step += 1;
      let low = step < 0 ? 0 : (values[step] as number);
      let high = low;
      while (step + 1 < series.atMs.length && (series.atMs[step + 1] as number) < columnEnd) {
        step += 1;
        const value = values[step] as number;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      min[column] = low;
      max[column] = high;
    }
    return { min, max };
  };
  return { startMs, endMs, used: resample(series.used), idle: resample(series.idle), pending: resample(series.pending) };
}
