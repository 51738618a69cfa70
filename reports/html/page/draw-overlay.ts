import { at } from '../element.js';
import type { PageData } from '../page-data.js';
import { listActivities } from './activity.js';
import type { Palette } from './palette.js';
import { firstAfter, type Layout, type Scene } from './scene.js';
import type { View } from './view.js';

/** Words inside wide shapes, the hovered and the selected checkout, and the wait before it. */
export function drawOverlay(ctx: CanvasRenderingContext2D, scene: Scene, layout: Layout, view: View, data: PageData, palette: Palette, hovered: number): void {
  const { pool } = scene;
  const scale = (layout.width - layout.gutter) / (view.toMs - view.fromMs);
  const x = (ms: number): number => layout.gutter + (ms - view.fromMs) * scale;
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.gutter, 0, layout.width - layout.gutter, layout.height);
  ctx.clip();
  if (layout.laneHeight >= 22) drawWords(ctx, scene, layout, view, data, palette, x);
  for (const [checkout, width] of [[hovered, 1], [view.selected, 2]] as const) {
    if (checkout < 0 || checkout >= pool.count) continue;
    const lane = at(pool.lane, checkout);
    const top = layout.axis + layout.pending + Math.max(0, lane) * layout.laneHeight;
    const [left, right] = [x(at(pool.acquired, checkout)), x(at(pool.ended, checkout))];
    ctx.strokeStyle = palette.ink;
    ctx.lineWidth = width;
    if (lane >= 0) ctx.strokeRect(left - 1.5, top + 1.5, Math.max(3, right - left + 2), layout.laneHeight - 3);
    const waitLeft = x(at(pool.requested, checkout));
    if (left - waitLeft < 2) continue;
    // From the moment of the request, along the waiting line, down to the connection.
    const y = layout.axis + layout.pending - 6;
    ctx.lineWidth = width + 1;
    ctx.beginPath();
    ctx.moveTo(waitLeft, y - 6);
    ctx.lineTo(waitLeft, y);
    ctx.lineTo(left, y);
    ctx.lineTo(left, top + 2);
    ctx.stroke();
  }
  if (view.hoverMs !== null) {
    ctx.fillStyle = palette.ink;
    ctx.globalAlpha = 0.35;
    ctx.fillRect(Math.round(x(view.hoverMs)), layout.axis, 1, layout.height);
  }
  ctx.restore();
}

/** Only where they fit: a shape of less than 90 pixels stays bare. */
function drawWords(ctx: CanvasRenderingContext2D, { pool }: Scene, layout: Layout, view: View, data: PageData, palette: Palette, x: (ms: number) => number): void {
  ctx.font = `11px ${palette.font}`;
  ctx.textBaseline = 'middle';
  for (const [lane, list] of pool.lanes.entries()) {
    const y = layout.axis + layout.pending + lane * layout.laneHeight + (layout.laneHeight - 5) / 2;
    for (let p = firstAfter(pool, list, view.fromMs); p < list.length; p++) {
      const checkout = at(list, p);
      if (at(pool.acquired, checkout) >= view.toMs) break;
      if (x(at(pool.ended, checkout)) - x(at(pool.acquired, checkout)) < WORDS_PX) continue;
      for (const activity of listActivities(data, pool, checkout)) {
        const left = Math.max(layout.gutter, x(activity.startMs));
        const width = Math.min(layout.width, x(activity.startMs + activity.ms)) - left;
        if (width < WORDS_PX) continue;
        const sql = activity.kind === 'sql';
        const words = fit(ctx, activity.text.replace(/^(running|awaiting) /, ''), width - 10);
        if (!sql) {
          ctx.fillStyle = palette.paper;
          ctx.globalAlpha = 0.86;
          ctx.fillRect(left + 3, y - 7, ctx.measureText(words).width + 4, 14);
          ctx.globalAlpha = 1;
        }
        ctx.fillStyle = sql ? palette.onSql : palette.ink;
        ctx.fillText(words, left + 5, y + 0.5);
      }
    }
  }
}

const WORDS_PX = 90;

function fit(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  const estimate = Math.floor(width / 4);
  let cut = text.slice(0, estimate);
  while (cut.length > 1 && ctx.measureText(cut).width > width) cut = cut.slice(0, Math.floor(cut.length * 0.9));
  return cut.length < text.length ? `${cut.slice(0, -1)}…` : cut;
}
