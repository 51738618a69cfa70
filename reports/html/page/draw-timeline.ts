import { at } from '../element.js';
import type { PageData } from '../page-data.js';
import { ACTIVITY_KINDS } from './activity.js';
import { drawFrame } from './draw-frame.js';
import type { Palette } from './palette.js';
import { firstAfter, type Layout, type Scene } from './scene.js';
import type { View } from './view.js';

/** Rectangles of one look, drawn in one go: x, y, width, height, again and again. */
type Rects = number[];

interface Layers {
  body: Rects;
  sql: Rects;
  await: Rects;
  idle: Rects;
  held: Rects;
  transaction: Rects;
  merged: Record<(typeof ACTIVITY_KINDS)[number], Rects>;
}

/** What share of each pixel's time went where, of checkouts that are too narrow to be drawn. */
interface Sums {
  /** In the order of ACTIVITY_KINDS. */
  kinds: Float32Array[];
  open: Float32Array;
}

const NARROW_PX = 12;

/** Draws the visible part of a pool's timeline; returns how many shapes that took. They grow with the pixels, not with the trace. */
export function drawTimeline(ctx: CanvasRenderingContext2D, scene: Scene, layout: Layout, view: View, data: PageData, palette: Palette, matches: Uint8Array | null): number {
  const scale = (layout.width - layout.gutter) / (view.toMs - view.fromMs);
  const x = (ms: number): number => layout.gutter + (ms - view.fromMs) * scale;
  ctx.clearRect(0, 0, layout.width, layout.height);
  drawFrame(ctx, scene, layout, view, data, palette, x);
  // What does not match stays, faintly: a match alone says nothing of what was around it.
  if (matches === null) return drawCheckouts(ctx, scene, layout, view, palette, null, 1);
  return drawCheckouts(ctx, scene, layout, view, palette, { matches, value: 0 }, 0.14) + drawCheckouts(ctx, scene, layout, view, palette, { matches, value: 1 }, 1);
}

function drawCheckouts(ctx: CanvasRenderingContext2D, scene: Scene, layout: Layout, view: View, palette: Palette, only: { matches: Uint8Array; value: 0 | 1 } | null, opacity: number): number {
  const { pool } = scene;
  const scale = (layout.width - layout.gutter) / (view.toMs - view.fromMs);
  const x = (ms: number): number => layout.gutter + (ms - view.fromMs) * scale;
  const layers: Layers = { body: [], sql: [], await: [], idle: [], held: [], transaction: [], merged: { sql: [], await: [], idle: [], held: [] } };
  const columns = Math.ceil(layout.width) + 2;
  const sums: Sums = { kinds: ACTIVITY_KINDS.map(() => new Float32Array(columns)), open: new Float32Array(columns) };
  for (const [lane, list] of pool.lanes.entries()) {
    const top = layout.axis + layout.pending + lane * layout.laneHeight + 3;
    const height = layout.laneHeight - 6;
    for (const values of [...sums.kinds, sums.open]) values.fill(0);
    if (only?.value !== 1) mergeBuckets(scene, lane, view, x, scale, top, height, layers, sums);
    for (let p = firstAfter(pool, list, view.fromMs); p < list.length; p++) {
      const checkout = at(list, p);
      if (at(pool.acquired, checkout) >= view.toMs) break;
      if (only !== null && only.matches[checkout] !== only.value) continue;
      const left = x(at(pool.acquired, checkout));
      const right = x(at(pool.ended, checkout));
      if (right - left < NARROW_PX) addNarrow(scene, checkout, x, scale, sums);
      else addCheckout(scene, checkout, x, top, height, layers, layout);
    }
    flushColumns(sums, top, height, layers, layout);
  }
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.gutter, 0, layout.width - layout.gutter, layout.height);
  ctx.clip();
  ctx.globalAlpha = 0.55 * opacity;
  for (const kind of ACTIVITY_KINDS) fill(ctx, layers.merged[kind], palette[kind]);
  ctx.globalAlpha = opacity;
  for (const layer of LAYERS) fill(ctx, layers[layer], palette[layer]);
  ctx.restore();
  return [...ACTIVITY_KINDS.map((kind) => layers.merged[kind]), ...LAYERS.map((layer) => layers[layer])].reduce((sum, rects) => sum + rects.length / 4, 0);
}

/** From the lowest to the topmost. */
const LAYERS = ['body', 'held', 'idle', 'await', 'sql', 'transaction'] as const;

function fill(ctx: CanvasRenderingContext2D, rects: Rects, style: string | CanvasPattern): void {
  if (rects.length === 0) return;
  ctx.fillStyle = style;
  // One by one: a path of thousands of rectangles takes a browser without a graphics card ten times as long.
  for (let i = 0; i < rects.length; i += 4) ctx.fillRect(at(rects, i), at(rects, i + 1), at(rects, i + 2), at(rects, i + 3));
}

/** What the sample left out: into the pixels' sums, or, when a bucket is wider than a pixel, as a block of its own, paler. */
function mergeBuckets({ pool, mergedFrom }: Scene, lane: number, view: View, x: (ms: number) => number, scale: number, top: number, height: number, layers: Layers, sums: Sums): void {
  const { merged } = pool;
  const width = merged.bucketMs * scale;
  const before = merged.parts.map(() => 0);
  for (let row = at(mergedFrom, lane); row < at(mergedFrom, lane + 1); row++) {
    const start = at(merged.startMs, row);
    if (start + merged.bucketMs < view.fromMs) continue;
    if (start > view.toMs) break;
    const left = x(start);
    if (width < 2.5) {
      for (const [k, part] of merged.parts.entries()) spread(sums.kinds[k], left, left + width, (at(part, row) / 1000) * width);
      continue;
    }
    // On whole pixels: there are many of them, and edges between pixels cost most.
    const from = Math.round(left);
    const to = Math.round(left + width);
    let y = top + height;
    for (const [k, part] of merged.parts.entries()) {
      const h = stepTo(at(before, k), (at(part, row) / 1000) * height);
      before[k] = h;
      y -= h;
      if (h > 0) extend(layers.merged[ACTIVITY_KINDS[k] ?? 'held'], from, y, h, to - from);
    }
  }
}

function addNarrow({ parts, open, pool }: Scene, checkout: number, x: (ms: number) => number, scale: number, sums: Sums): void {
  const left = x(at(pool.acquired, checkout));
  const right = x(at(pool.ended, checkout));
  if (right - left < 2) {
    spread(sums.open, left, right, at(open, checkout) * scale);
    for (const [k, part] of parts.entries()) spread(sums.kinds[k], left, right, at(part, checkout) * scale);
    return;
  }
  // Wide enough for its parts to have places: the sums of a part of it are those of that part.
  const [sql, awaited, idle, held] = sums.kinds;
  const put = (values: Float32Array | undefined, startMs: number, ms: number, sign = 1): void => spread(values, x(startMs), x(startMs + ms), ms * scale * sign);
  put(held, at(pool.acquired, checkout), at(pool.ended, checkout) - at(pool.acquired, checkout));
  for (let t = at(pool.transactionFrom, checkout); t < at(pool.transactionFrom, checkout + 1); t++) put(sums.open, at(pool.transaction.start, t), at(pool.transaction.ms, t));
  for (let q = at(pool.queryFrom, checkout); q < at(pool.queryFrom, checkout + 1); q++) {
    put(sql, at(pool.query.start, q), at(pool.query.ms, q));
    put(held, at(pool.query.start, q), at(pool.query.ms, q), -1);
  }
  for (let g = at(pool.gapFrom, checkout); g < at(pool.gapFrom, checkout + 1); g++) {
    if (pool.gap.inTransaction[g] !== 1) continue;
    put(idle, at(pool.gap.start, g), at(pool.gap.ms, g));
    put(held, at(pool.gap.start, g), at(pool.gap.ms, g), -1);
    for (let w = at(pool.waitFrom, g); w < at(pool.waitFrom, g + 1); w++) {
      put(awaited, at(pool.wait.start, w), at(pool.wait.ms, w));
      put(idle, at(pool.wait.start, w), at(pool.wait.ms, w), -1);
    }
  }
}

/** Adds `amount` pixels of time evenly to the columns between two places. */
function spread(values: Float32Array | undefined, left: number, right: number, amount: number): void {
  if (values === undefined || amount === 0) return;
  const first = Math.max(0, Math.floor(left));
  const last = Math.min(values.length - 1, Math.max(first, Math.ceil(right) - 1));
  if (first === last || right <= left) {
    if (first < values.length) values[first] = at(values, first) + amount;
    return;
  }
  const density = amount / (right - left);
  for (let column = first; column <= last; column++) values[column] = at(values, column) + density * (Math.min(right, column + 1) - Math.max(left, column));
}

/** The sums of each pixel as a small stack, statements at the bottom; below it the bar, where a transaction was open most of the time. */
function flushColumns({ kinds, open }: Sums, top: number, full: number, layers: Layers, layout: Layout): void {
  const columns = open.length;
  const bar = barHeight(layout);
  const height = full - bar - 1;
  const before = kinds.map(() => 0);
  for (let column = Math.floor(layout.gutter); column < columns; column++) {
    if (at(open, column) > 0.5) extend(layers.transaction, column, top + height + 1, bar);
    let y = top + height;
    for (const [k, values] of kinds.entries()) {
      const share = Math.min(1, at(values, column));
      const h = Math.min(y - top, stepTo(at(before, k), share < 0.01 ? 0 : Math.max(1, share * height)));
      before[k] = h;
      y -= h;
      if (h > 0) extend(layers[ACTIVITY_KINDS[k] ?? 'held'], column, y, h);
    }
  }
}

/** Whole pixels, and the neighbour's height where that is less than a pixel off: most columns then become one rectangle with it. */
function stepTo(neighbour: number, height: number): number {
  return height > 0 && neighbour > 0 && Math.abs(height - neighbour) < 1 ? neighbour : Math.round(height);
}

/** Adds a column, to the last rectangle where it continues it. */
function extend(rects: Rects, x: number, y: number, height: number, width = 1): void {
  const last = rects.length - 4;
  if (last >= 0 && rects[last + 1] === y && rects[last + 3] === height && at(rects, last) + at(rects, last + 2) === x) rects[last + 2] = at(rects, last + 2) + width;
  else rects.push(x, y, width, height);
}

function barHeight(layout: Layout): number {
  return layout.laneHeight >= 22 ? 4 : 2;
}

/** A checkout that is wide enough to see inside: statements at full height, awaits hatched, idle times dotted and lower, a bar below for the open transaction. */
function addCheckout({ pool }: Scene, checkout: number, x: (ms: number) => number, top: number, height: number, layers: Layers, layout: Layout): void {
  const bar = barHeight(layout);
  const inner = height - bar - 1;
  const left = x(at(pool.acquired, checkout));
  const right = x(at(pool.ended, checkout));
  layers.body.push(left, top, Math.max(1, right - left - 0.6), inner);
  for (let t = at(pool.transactionFrom, checkout); t < at(pool.transactionFrom, checkout + 1); t++) {
    const start = x(at(pool.transaction.start, t));
    layers.transaction.push(start, top + inner + 1, Math.max(0.8, x(at(pool.transaction.start, t) + at(pool.transaction.ms, t)) - start - 0.8), bar);
  }
  for (let g = at(pool.gapFrom, checkout); g < at(pool.gapFrom, checkout + 1); g++) {
    const open = pool.gap.inTransaction[g] === 1;
    const start = x(at(pool.gap.start, g));
    const end = x(at(pool.gap.start, g) + at(pool.gap.ms, g));
    if (open) layers.idle.push(start, top + inner * 0.4, end - start, inner * 0.6);
    for (let w = at(pool.waitFrom, g); w < at(pool.waitFrom, g + 1); w++) {
      const from = x(at(pool.wait.start, w));
      const width = x(at(pool.wait.start, w) + at(pool.wait.ms, w)) - from;
      if (open) layers.await.push(from, top, width, inner);
      else layers.held.push(from, top + inner * 0.65, width, inner * 0.35);
    }
  }
  for (let q = at(pool.queryFrom, checkout); q < at(pool.queryFrom, checkout + 1); q++) {
    const start = x(at(pool.query.start, q));
    const width = x(at(pool.query.start, q) + at(pool.query.ms, q)) - start;
    layers.sql.push(start, top, right - left > 14 ? Math.max(1, width) : width, inner);
  }
}
