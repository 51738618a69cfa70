import { lastAtOrBefore } from '../binary-search.js';
import { at } from './element.js';

/** How long all together lasted until a moment. Rows as in `Occurrences`: one each (`columnMs` 0), or what fell into a stretch of time. */
export function heldUntil({ startMs, ms, columnMs }: { startMs: ArrayLike<number>; ms: ArrayLike<number>; columnMs: number }): (moment: number) => number {
  const edges: [atMs: number, change: number][] = [];
  for (let i = 0; i < startMs.length; i++) {
    const start = at(startMs, i);
    const [length, level] = columnMs > 0 ? [columnMs, at(ms, i) / columnMs] : [at(ms, i), 1];
    edges.push([start, level], [start + length, -level]);
  }
  edges.sort((a, b) => a[0] - b[0]);
  const times = Float64Array.from(edges, ([atMs]) => atMs);
  const levels = new Float64Array(edges.length);
  const sums = new Float64Array(edges.length);
  let level = 0;
  for (const [i, [, change]] of edges.entries()) {
    if (i > 0) sums[i] = at(sums, i - 1) + level * (at(times, i) - at(times, i - 1));
    level += change;
    levels[i] = level;
  }
  return (moment) => {
    const last = lastAtOrBefore(times, moment);
    return last < 0 ? 0 : at(sums, last) + at(levels, last) * (moment - at(times, last));
  };
}
