import type { Checkout, Occurrences } from '../model.js';
import { orElse, timesOf } from '../timeline/times.js';
import { at } from './element.js';

/** A request that was served faster was never queued. */
const QUEUED_MS = 1;

/** The requests of one pool that waited. */
export interface Waits {
  /** Positions in the list of checkouts. */
  index: number[];
  startMs: number[];
  ms: number[];
  totalMs: number;
}

export function collectWaits(checkouts: readonly Checkout[], endMs: number): Waits {
  const waits: Waits = { index: [], startMs: [], ms: [], totalMs: 0 };
  const times = timesOf(checkouts);
  for (let index = 0; index < checkouts.length; index++) {
    const requestedMs = at(times.requestedMs, index);
    const ms = orElse(orElse(at(times.acquiredMs, index), at(times.endedMs, index)), endMs) - requestedMs;
    if (ms < QUEUED_MS) continue;
    waits.index.push(index);
    waits.startMs.push(requestedMs);
    waits.ms.push(ms);
    waits.totalMs += ms;
  }
  return waits;
}

/** What of the waiting on one pool a finding is to be blamed for. */
export interface BlamedWaits {
  requests: number;
  ms: number;
  /** The worst of them, positions in `Waits`, with how much of each. */
  worst: { wait: number; ms: number }[];
}

/** Less of a wait is no reason. */
const LEAST_SHARE = 0.05;

/**
 * A connection that is held is what everybody waits for: of a wait each of the pool's `max` connections is to be blamed for
 * its part, and so a finding for as many as it held meanwhile.
 */
export function blameWaits(waits: Waits, occurrences: Occurrences, max: number, worst: number): BlamedWaits {
  const held = heldUntil(occurrences);
  const result: BlamedWaits = { requests: 0, ms: 0, worst: [] };
  for (let i = 0; i < waits.ms.length; i++) {
    const wait = at(waits.ms, i);
    const ms = Math.min(wait, (held(at(waits.startMs, i) + wait) - held(at(waits.startMs, i))) / Math.max(1, max));
    if (ms < wait * LEAST_SHARE) continue;
    result.requests++;
    result.ms += ms;
    if (result.worst.length === worst && (result.worst.at(-1)?.ms ?? 0) >= ms) continue;
    const place = result.worst.findIndex((other) => other.ms < ms);
    result.worst.splice(place < 0 ? result.worst.length : place, 0, { wait: i, ms });
    if (result.worst.length > worst) result.worst.pop();
  }
  return result;
}

/** How long the occurrences lasted until a moment, all together. */
function heldUntil({ startMs, ms, columnMs }: Occurrences): (moment: number) => number {
  const edges: [atMs: number, change: number][] = [];
  for (const [i, start] of startMs.entries()) {
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
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(times, middle) <= moment) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : at(sums, low - 1) + at(levels, low - 1) * (moment - at(times, low - 1));
  };
}
