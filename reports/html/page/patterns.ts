import { colour } from './theme.js';

/** Fills that differ by shape as well as by colour. */
export type PatternName = 'pending' | 'await' | 'idle' | 'blocked' | 'merged';

/** A repeating fill in the page's present colours, for canvases of the present pixel ratio. */
export function makePattern(name: PatternName): CanvasPattern | string {
  const ratio = devicePixelRatio;
  const size = Math.round(6 * ratio);
  const tile = document.createElement('canvas');
  tile.width = tile.height = size;
  const ctx = tile.getContext('2d');
  if (ctx === null) return colour(name);
  ctx.lineWidth = 1.4 * ratio;
  if (name === 'idle') {
    ctx.fillStyle = colour('idle-soft');
    ctx.fillRect(0, 0, size, size);
    ctx.fillStyle = colour('idle');
    for (const [x, y] of [[0.25, 0.25], [0.75, 0.75]] as const) {
      ctx.beginPath();
      ctx.arc(x * size, y * size, 1.1 * ratio, 0, Math.PI * 2);
      ctx.fill();
    }
  } else {
    ctx.fillStyle = colour(`${name}-soft`);
    ctx.fillRect(0, 0, size, size);
    ctx.strokeStyle = colour(name);
    ctx.beginPath();
    for (const shift of [-size, 0, size]) {
      // Beyond the tile's corners, so that tiles join without a seam.
      ctx.moveTo(shift - size, size * 2);
      ctx.lineTo(shift + size * 2, -size);
      if (name !== 'blocked') continue;
      ctx.moveTo(shift - size, -size);
      ctx.lineTo(shift + size * 2, size * 2);
    }
    ctx.stroke();
  }
  return ctx.createPattern(tile, 'repeat') ?? colour(name);
}
