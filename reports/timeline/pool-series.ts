import type { Pool, Timeline } from '../model.js';

/** A request that was served faster than this was never queued: an idle connection was handed to it at the next tick. */
const QUEUED_MS = 1;

/**
 * A pool over time, as steps: at `atMs[i]` the counts become `used[i]`, `idle[i]`, `pending[i]` and stay so until
 * `atMs[i + 1]` (the last step: until the timeline's end). Strictly ascending; empty when nothing happened on the pool.
 */
export interface PoolSeries {
  atMs: Float64Array;
  /** Connections that are checked out. */
  used: Uint32Array;
  /** Open connections that nobody holds. */
  idle: Uint32Array;
  /** Requests that wait for a connection. Those that were served within a millisecond are not counted. */
  pending: Uint32Array;
  /** Connections that are being opened. */
  connecting: Uint32Array;
}

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

const known = new WeakMap<Pool, PoolSeries>();

/** The exact change points of one pool. Cost: a sort of its checkouts' edges, once a pool. */
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
 * Each edge as one number, its time in microseconds (that is exact) times eight plus its code: numbers alone are sorted
 * without a comparison function, which is ten times as fast.
 */
function edgesOf(timeline: Timeline, pool: Pool): Float64Array {
  const edges = new Float64Array(countEdges(timeline, pool));
  let length = 0;
  const span = (field: number, startMs: number, endMs: number | null): void => {
    edges[length++] = Math.round(startMs * US) * CODES + field;
    if (endMs !== null) edges[length++] = Math.round(endMs * US) * CODES + field + END;
  };
  for (const connection of timeline.connections) {
    if (connection.pool !== pool) continue;
    const { connectingMs, connectedMs, closedMs } = connection;
    span(CONNECTING, connectingMs, connectedMs ?? closedMs);
    if (connectedMs !== null) span(OPEN, connectedMs, closedMs);
  }
  for (const checkout of timeline.checkouts) {
    if (checkout.pool !== pool) continue;
    const { requestedMs, acquiredMs, endedMs } = checkout;
    const servedMs = acquiredMs ?? endedMs;
    if (servedMs === null || servedMs - requestedMs >= QUEUED_MS) span(PENDING, requestedMs, servedMs);
    if (acquiredMs !== null) span(USED, acquiredMs, endedMs);
  }
  return edges.subarray(0, length).toSorted();
}

/** At least as many as there are. */
function countEdges({ connections, checkouts }: Timeline, pool: Pool): number {
  let count = 0;
  for (const connection of connections) if (connection.pool === pool) count += 4;
  for (const checkout of checkouts) if (checkout.pool === pool) count += 4;
  return count;
}

function steps(edges: Float64Array): PoolSeries {
  const atMs = new Float64Array(edges.length);
  const used = new Uint32Array(edges.length);
  const idle = new Uint32Array(edges.length);
  const pending = new Uint32Array(edges.length);
  const connecting = new Uint32Array(edges.length);
  const counts = [0, 0, 0, 0] as [number, number, number, number];
  let last = -1;
  let lastUs = -1;
  for (let index = 0; index < edges.length; index += 1) {
    const edge = edges[index] as number;
    const us = Math.floor(edge / CODES);
    const code = edge - us * CODES;
    counts[(code % END) as 0 | 1 | 2 | 3] += code < END ? 1 : -1;
    if (us !== lastUs) last += 1;
    lastUs = us;
    atMs[last] = us / US;
    used[last] = counts[USED];
    // Held connections whose opening was not recorded are in use, yet not known as open.
    idle[last] = Math.max(0, counts[OPEN] - counts[USED]);
    pending[last] = counts[PENDING];
    connecting[last] = counts[CONNECTING];
  }
  const end = last + 1;
  return { atMs: atMs.slice(0, end), used: used.slice(0, end), idle: idle.slice(0, end), pending: pending.slice(0, end), connecting: connecting.slice(0, end) };
}

/**
 * The series in `columns` equal columns from `startMs` to `endMs`, with the least and the most of each column, so that a
 * peak of a millisecond is still seen when an hour is drawn on a thousand pixels.
 */
export function resampleSeries(series: PoolSeries, columns: number, startMs: number, endMs: number): SampledSeries {
  const width = (endMs - startMs) / columns;
  const resample = (values: Uint32Array): Extremes => {
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
