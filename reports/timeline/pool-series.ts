import type { Pool, Timeline } from '../model.js';
import { groupByPool } from './by-pool.js';
import { sortNearlySorted } from './nearly-sorted.js';

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
export type Counts = Uint16Array | Uint32Array;

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
/** Larger counts do not fit into 16 bits. */
const MOST_SMALL = 0xffff;

const known = new WeakMap<Pool, PoolSeries>();

/** The exact change points of one pool; made once. */
export function poolSeries(timeline: Timeline, pool: Pool): PoolSeries {
  let series = known.get(pool);
  if (series === undefined) {
    series = steps(edgesOf(timeline, pool));
    // What has no pool has a series too, and is no key.
    if (typeof pool === 'object' && pool !== null) known.set(pool, series);
  }
  return series;
}

/**
 * Each edge as one number, its time in microseconds (that is exact) times eight plus its code. Lists of one kind each: what
 * comes in the order of the requests is sorted already, or nearly so.
 */
function edgesOf(timeline: Timeline, pool: Pool): Float64Array[] {
  const checkouts = groupByPool(timeline.checkouts).get(pool) ?? [];
  const [requested, served, acquired, ended] = [0, 0, 0, 0].map(() => new EdgeList(checkouts.length)) as [EdgeList, EdgeList, EdgeList, EdgeList];
  for (const { requestedMs, acquiredMs, endedMs } of checkouts) {
    const servedMs = acquiredMs ?? endedMs;
    if (servedMs === null || servedMs - requestedMs >= QUEUED_MS) {
      requested.add(requestedMs, PENDING);
      if (servedMs !== null) served.add(servedMs, PENDING + END);
    }
    if (acquiredMs === null) continue;
    acquired.add(acquiredMs, USED);
    if (endedMs !== null) ended.add(endedMs, USED + END);
  }
  return [connectionEdges(timeline, pool), requested, served, acquired, ended].map((list) => list.finish()).filter(({ length }) => length > 0);
}

/** The edges of all lists in their order: time and code. */
function visitEdges(lists: readonly Float64Array[], visit: (us: number, code: number) => void): void {
  const next = lists.map(() => 0);
  for (;;) {
    let least = Infinity;
    let from = -1;
    for (let index = 0; index < lists.length; index += 1) {
      const edge = lists[index]?.[next[index] as number] ?? Infinity;
      if (edge >= least) continue;
      least = edge;
      from = index;
    }
    if (from < 0) return;
    next[from] = (next[from] as number) + 1;
    const us = Math.floor(least / CODES);
    visit(us, least - us * CODES);
  }
}

function connectionEdges({ connections }: Timeline, pool: Pool): EdgeList {
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

function steps(edges: readonly Float64Array[]): PoolSeries {
  const { size, most } = measure(edges);
  const make = (): Counts => (most > MOST_SMALL ? new Uint32Array(size) : new Uint16Array(size));
  const [atMs, used, idle, pending, connecting] = [new Float64Array(size), make(), make(), make(), make()];
  const counts = [0, 0, 0, 0] as [number, number, number, number];
  let last = -1;
  let lastUs = -1;
  visitEdges(edges, (us, code) => {
    counts[(code % END) as 0 | 1 | 2 | 3] += code < END ? 1 : -1;
    if (us !== lastUs) last += 1;
    lastUs = us;
    atMs[last] = us / US;
    used[last] = counts[USED];
    // Held connections whose opening was not recorded are in use, yet not known as open.
    idle[last] = Math.max(0, counts[OPEN] - counts[USED]);
    pending[last] = counts[PENDING];
    connecting[last] = counts[CONNECTING];
  });
  return { atMs, used, idle, pending, connecting };
}

/** How many moments there are at which something changes, and the largest count there is. */
function measure(edges: readonly Float64Array[]): { size: number; most: number } {
  const counts = [0, 0, 0, 0] as [number, number, number, number];
  let [size, most, lastUs] = [0, 0, -1];
  visitEdges(edges, (us, code) => {
    const count = (counts[(code % END) as 0 | 1 | 2 | 3] += code < END ? 1 : -1);
    if (count > most) most = count;
    if (us !== lastUs) size += 1;
    lastUs = us;
  });
  return { size, most };
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
    let step = lastStepAt(series.atMs, startMs);
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

/** Index of the step that holds at `ms`; -1 before the first one. */
export function lastStepAt(atMs: Float64Array, ms: number): number {
  let low = 0;
  let high = atMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((atMs[middle] as number) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
