import type uPlot from 'uplot';
import type { PageData } from '../page-data.js';
import type { PoolModel } from './model.js';
import { makePattern } from './patterns.js';
import { colour } from './theme.js';

/** What stands behind and before the curves: exhausted times and blocked event loops; the pool's size and the episodes. */
export function drawMarks(u: uPlot, data: PageData, pool: PoolModel, layer: 'below' | 'above'): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  const x = (ms: number): number => u.valToPos(ms, 'x', true);
  ctx.save();
  if (layer === 'below') {
    ctx.fillStyle = colour('exhausted');
    for (const [start, us] of pool.page.exhausted) ctx.fillRect(x(start / 1000), bbox.top, Math.max(1, x((start + us) / 1000) - x(start / 1000)), bbox.height);
    ctx.restore();
    return;
  }
  ctx.fillStyle = makePattern('blocked');
  for (const [start, us] of pool.page.blocked) ctx.fillRect(x(start / 1000), bbox.top, Math.max(2 * ratio, x((start + us) / 1000) - x(start / 1000)), bbox.height);
  ctx.font = `${11 * ratio}px ${getComputedStyle(u.root).fontFamily}`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  if (pool.page.max > 0) {
    const y = Math.round(u.valToPos(pool.page.max, 'y', true)) + 0.5;
    ctx.strokeStyle = colour('ink');
    ctx.lineWidth = 1.25 * ratio;
    ctx.setLineDash([5 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.setLineDash([]);
    label(ctx, `max ${pool.page.max}`, bbox.left + 6 * ratio, y, ratio);
  }
  for (const [i, episode] of data.episodes.entries()) {
    if (episode.pool !== pool.index) continue;
    const left = x(episode.startMs);
    const width = Math.max(3 * ratio, x(episode.endMs) - left);
    ctx.fillStyle = colour('alarm');
    ctx.fillRect(left, bbox.top - 6 * ratio, width, 4 * ratio);
    ctx.beginPath();
    ctx.arc(left + 8 * ratio, bbox.top - 14 * ratio, 7.5 * ratio, 0, Math.PI * 2);
    ctx.fill();
    ctx.fillStyle = colour('paper');
    ctx.textAlign = 'center';
    if (i < 99) ctx.fillText(String(i + 1), left + 8 * ratio, bbox.top - 13.5 * ratio);
    ctx.textAlign = 'left';
  }
  ctx.restore();
}

function label(ctx: CanvasRenderingContext2D, text: string, left: number, y: number, ratio: number): void {
  const width = ctx.measureText(text).width + 8 * ratio;
  ctx.fillStyle = colour('paper');
  ctx.fillRect(left, y - 8 * ratio, width, 16 * ratio);
  ctx.fillStyle = colour('ink');
  ctx.fillText(text, left + 4 * ratio, y + 0.5 * ratio);
}
