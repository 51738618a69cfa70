import type { Occurrences } from '../model.js';
import type { CheckoutList } from '../timeline/checkout-list.js';
import { orElse } from '../timeline/times.js';
import { at } from './element.js';
import { heldUntil } from './held-until.js';
import { LEAST_SHARE, QUEUED_MS } from './wait-limits.js';

/** The requests of one pool that waited. */
export interface Waits {
  /** Positions in the list of checkouts. */
  index: number[];
  startMs: number[];
  ms: number[];
  totalMs: number;
}

export function collectWaits({ length, times }: CheckoutList, endMs: number): Waits {
  const waits: Waits = { index: [], startMs: [], ms: [], totalMs: 0 };
  for (let index = 0; index < length; index++) {
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
