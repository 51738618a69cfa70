import { lastAtOrBefore } from '../../binary-search.js';
import { at } from '../element.js';
import type { PageData } from '../page-data.js';
import { formatCount, formatMoment, ROUND_STEPS } from './format.js';
import type { Palette } from './palette.js';
import type { Layout, Scene } from './scene.js';
import type { View } from './view.js';

/** Everything of the timeline that is no checkout: the axis, pending requests, lanes and the life of their connections, episodes, blocked times. */
export function drawFrame(ctx: CanvasRenderingContext2D, scene: Scene, layout: Layout, view: View, data: PageData, palette: Palette, x: (ms: number) => number): void {
  const { pool } = scene;
  const right = layout.width;
  ctx.font = `11px ${palette.font}`;
  ctx.textBaseline = 'middle';
  ctx.lineWidth = 1;
  drawAxis(ctx, layout, view, palette, x);
  const lanesTop = layout.axis + layout.pending;
  for (let lane = 0; lane < pool.lanes.length; lane++) {
    const y = lanesTop + lane * layout.laneHeight;
    ctx.fillStyle = palette.line;
    ctx.fillRect(layout.gutter, y + layout.laneHeight - 0.5, right - layout.gutter, 0.5);
    ctx.fillStyle = palette.quiet;
    ctx.textAlign = 'right';
    ctx.fillText(String(lane + 1), layout.gutter - 8, y + layout.laneHeight / 2);
  }
  if (layout.gutter > 50) ctx.fillText('waiting', layout.gutter - 8, lanesTop - 14);
  ctx.textAlign = 'left';
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.gutter, 0, right - layout.gutter, layout.height);
  ctx.clip();
  drawPending(ctx, scene, layout, view, palette, x);
  const { connections } = pool;
  ctx.fillStyle = palette.quiet;
  for (let c = 0; c < connections.lane.length; c++) {
    const start = at(connections.start, c);
    const end = start + at(connections.ms, c);
    if (end < view.fromMs || start > view.toMs || at(connections.lane, c) >= pool.lanes.length) continue;
    const y = lanesTop + at(connections.lane, c) * layout.laneHeight + layout.laneHeight - 5;
    ctx.globalAlpha = 0.5;
    ctx.fillRect(x(start), y, x(end) - x(start), 1);
    ctx.globalAlpha = 1;
    ctx.fillRect(x(start) - 1, y - 4, 2, 7);
    if (end < view.toMs && end < data.endUs / 1000 - 0.001) ctx.fillRect(x(end) - 1, y - 4, 2, 7);
  }
  ctx.fillStyle = palette.blocked;
  for (const [start, us] of pool.page.blocked) {
    const left = x(start / 1000);
    ctx.fillRect(left, layout.axis, Math.max(2, x((start + us) / 1000) - left), layout.height - layout.axis);
  }
  for (const [i, episode] of data.episodes.entries()) {
    if (episode.pool !== pool.index || episode.endMs < view.fromMs || episode.startMs > view.toMs) continue;
    const left = Math.max(layout.gutter, x(episode.startMs));
    ctx.fillStyle = palette.alarm;
    ctx.fillRect(left, layout.axis, Math.max(3, x(episode.endMs) - left), 3);
    if (x(episode.endMs) - left > 130) drawLabel(ctx, `episode ${i + 1}`, Math.max(left, layout.gutter + 70) + 4, layout.axis + 11, palette);
  }
  ctx.restore();
}

/** Readable on whatever pattern is below. */
function drawLabel(ctx: CanvasRenderingContext2D, text: string, left: number, middle: number, palette: Palette): void {
  const { fillStyle } = ctx;
  ctx.fillStyle = palette.paper;
  ctx.fillRect(left - 3, middle - 7, ctx.measureText(text).width + 6, 14);
  ctx.fillStyle = fillStyle;
  ctx.fillText(text, left, middle);
}

/** A round time that is at least `ms` long. */
export function niceStep(ms: number): number {
  if (ms < 0.01) return 10 ** Math.ceil(Math.log10(Math.max(ms, 1e-6)));
  return ROUND_STEPS.find((step) => step >= ms) ?? Math.ceil(ms / 3_600_000) * 3_600_000;
}

function drawAxis(ctx: CanvasRenderingContext2D, layout: Layout, view: View, palette: Palette, x: (ms: number) => number): void {
  const span = view.toMs - view.fromMs;
  const step = niceStep((span / Math.max(1, layout.width - layout.gutter)) * 90);
  for (let tick = Math.ceil(view.fromMs / step - 1e-9); tick * step <= view.toMs; tick++) {
    const left = Math.round(x(tick * step));
    ctx.fillStyle = palette.line;
    ctx.fillRect(left, layout.axis - 6, 1, layout.height - layout.axis + 6);
    ctx.fillStyle = palette.quiet;
    if (left + 60 < layout.width) ctx.fillText(formatMoment(tick * step, step), left + 4, layout.axis - 11);
  }
}

function drawPending(ctx: CanvasRenderingContext2D, scene: Scene, layout: Layout, view: View, palette: Palette, x: (ms: number) => number): void {
  const { series } = scene.pool;
  const bottom = layout.axis + layout.pending - 6;
  const room = layout.pending - 22;
  ctx.fillStyle = palette.line;
  ctx.fillRect(0, bottom, layout.width, 1);
  ctx.fillStyle = palette.quiet;
  if (scene.pendingMax === 0) {
    ctx.fillText('no request ever waited', layout.gutter + 6, bottom - 12);
    return;
  }
  ctx.beginPath();
  const first = Math.max(0, lastAtOrBefore(series.t, view.fromMs));
  ctx.moveTo(x(at(series.t, first)), bottom);
  for (let row = first; row < series.t.length; row++) {
    const start = at(series.t, row);
    if (start > view.toMs) break;
    const y = bottom - (at(series.pending, row) / scene.pendingMax) * room;
    ctx.lineTo(x(start), y);
    ctx.lineTo(x(at(series.t, row + 1) || Math.max(view.toMs, start)), y);
  }
  ctx.lineTo(layout.width + 2, bottom);
  ctx.closePath();
  ctx.fillStyle = palette.pending;
  ctx.fill();
  ctx.strokeStyle = palette.pendingEdge;
  ctx.stroke();
  ctx.fillStyle = palette.quiet;
  ctx.fillText(`at most ${formatCount(scene.pendingMax)}`, layout.gutter + 4, layout.axis + 11);
}
