import { partitionPoint } from '../../binary-search.js';
import { at } from '../element.js';
import { ACTIVITY_KINDS } from './activity.js';
import type { PoolModel } from './model.js';

/** Sizes of the timeline in CSS pixels. */
export interface Layout {
  width: number;
  height: number;
  gutter: number;
  axis: number;
  pending: number;
  laneHeight: number;
}

export function layoutFor(width: number, lanes: number): Layout {
  const laneHeight = lanes <= 12 ? 32 : lanes <= 30 ? 22 : 15;
  const axis = 24;
  const pending = 52;
  return { width, height: axis + pending + lanes * laneHeight + 6, gutter: width < 600 ? 30 : 58, axis, pending, laneHeight };
}

/** What drawing and pointing need to know beforehand: how long each checkout spent at what, and where each lane's merged rows are. */
export interface Scene {
  pool: PoolModel;
  /** Milliseconds of each kind of activity, by checkout. */
  parts: Float64Array[];
  /** Milliseconds in which a transaction was open, by checkout. */
  open: Float64Array;
  mergedFrom: Int32Array;
  pendingMax: number;
}

export function createScene(pool: PoolModel): Scene {
  const parts = ACTIVITY_KINDS.map(() => new Float64Array(pool.count)) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const [sql, awaited, idle, held] = parts;
  const open = new Float64Array(pool.count);
  for (let i = 0; i < pool.count; i++) {
    for (let q = at(pool.queryFrom, i); q < at(pool.queryFrom, i + 1); q++) sql[i] = at(sql, i) + at(pool.query.ms, q);
    for (let g = at(pool.gapFrom, i); g < at(pool.gapFrom, i + 1); g++) {
      if (pool.gap.inTransaction[g] !== 1) continue;
      let waits = 0;
      for (let w = at(pool.waitFrom, g); w < at(pool.waitFrom, g + 1); w++) waits += at(pool.wait.ms, w);
      awaited[i] = at(awaited, i) + waits;
      idle[i] = at(idle, i) + Math.max(0, at(pool.gap.ms, g) - waits);
    }
    for (let t = at(pool.transactionFrom, i); t < at(pool.transactionFrom, i + 1); t++) open[i] = at(open, i) + at(pool.transaction.ms, t);
    held[i] = Math.max(0, at(pool.ended, i) - at(pool.acquired, i) - at(sql, i) - at(awaited, i) - at(idle, i));
  }
  const mergedFrom = new Int32Array(pool.lanes.length + 1);
  for (const lane of pool.merged.lane) mergedFrom[lane + 1] = at(mergedFrom, lane + 1) + 1;
  for (let lane = 0; lane < pool.lanes.length; lane++) mergedFrom[lane + 1] = at(mergedFrom, lane) + at(mergedFrom, lane + 1);
  return { pool, parts, open, mergedFrom, pendingMax: pool.series.pending.reduce((a, b) => Math.max(a, b), 0) };
}

/** Position in a lane of the first checkout that ends after the moment. */
export function firstAfter(pool: PoolModel, lane: Int32Array, ms: number): number {
  return partitionPoint(lane.length, (index) => at(pool.ended, at(lane, index)) <= ms);
}

/** The lane at a height of the timeline, or -1. */
export function laneAt(layout: Layout, lanes: number, y: number): number {
  const lane = Math.floor((y - layout.axis - layout.pending) / layout.laneHeight);
  return lane >= 0 && lane < lanes ? lane : -1;
}

/** The checkout of a lane at a moment, or the nearest within `nearMs`; -1 when there is none. */
export function checkoutAt(pool: PoolModel, lane: number, ms: number, nearMs: number): number {
  const list = pool.lanes[lane];
  if (list === undefined) return -1;
  const position = firstAfter(pool, list, ms);
  let best = -1;
  let distance = nearMs;
  for (const index of [list[position - 1], list[position]]) {
    if (index === undefined) continue;
    const away = Math.max(at(pool.acquired, index) - ms, ms - at(pool.ended, index), 0);
    if (away > distance) continue;
    best = index;
    distance = away;
  }
  return best;
}
