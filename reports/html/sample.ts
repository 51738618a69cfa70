import type { CheckoutList } from '../timeline/checkout-list.js';
import { orElse } from '../timeline/times.js';
import { at } from './element.js';
import { QUEUED_MS } from './wait-limits.js';

export interface Sample {
  /** 1: shown. */
  keep: Uint8Array;
  kept: number;
  /** Width of the buckets of which the longest checkout was kept; 0: all are shown. */
  bucketMs: number;
}

/** How many shapes the page draws for checkouts. */
export function countSpans(checkouts: CheckoutList): number {
  let spans = checkouts.length;
  for (let index = 0; index < checkouts.length; index++) spans += checkouts.countParts(index);
  return spans;
}

/** Ids of checkouts that the page should show: in any case, and as far as there is room, the first ones first. */
export interface AskedFor {
  wanted: ReadonlySet<string>;
  welcome: ReadonlySet<string>;
}

/** How much of the room the welcome ones may have. */
const WELCOME_SHARE = 1 / 3;

/**
 * Chooses the checkouts to show, so that about `budget` shapes remain: those that are asked for, the longest of each stretch
 * of time in each lane, and the longest wait of each stretch. `spans`: how many shapes they all are. `lane` names the lane of
 * a checkout (-1: never acquired).
 */
export function sampleCheckouts(
  checkouts: CheckoutList,
  lane: (index: number) => number,
  lanes: number,
  asked: AskedFor,
  endMs: number,
  budget: number,
  spans = countSpans(checkouts),
): Sample {
  const keep = new Uint8Array(checkouts.length);
  if (spans <= budget) return { keep: keep.fill(1), kept: checkouts.length, bucketMs: 0 };
  const left = budget - keepAsked(checkouts, asked, budget * WELCOME_SHARE, keep);
  // A row for each lane, one for those without, one for the waits.
  const rows = lanes + 2;
  const perCheckout = spans / checkouts.length;
  const columns = Math.max(1, Math.floor(left / perCheckout / rows));
  const bucketMs = Math.max(endMs, 1) / columns;
  const longest = new Int32Array(rows * (columns + 1)).fill(-1);
  const longestMs = new Float64Array(longest.length);
  const { times } = checkouts;
  const offer = (row: number, index: number, atMs: number, ms: number): void => {
    const slot = row * (columns + 1) + Math.max(0, Math.min(columns, Math.floor(atMs / bucketMs)));
    if (at(longest, slot) >= 0 && ms <= at(longestMs, slot)) return;
    longest[slot] = index;
    longestMs[slot] = ms;
  };
  for (let index = 0; index < checkouts.length; index++) {
    const requestedMs = at(times.requestedMs, index);
    const endedMs = orElse(at(times.endedMs, index), endMs);
    const acquiredMs = orElse(at(times.acquiredMs, index), requestedMs);
    offer(lane(index) + 1, index, acquiredMs, endedMs - acquiredMs);
    const waitMs = orElse(at(times.acquiredMs, index), endedMs) - requestedMs;
    if (waitMs >= QUEUED_MS) offer(rows - 1, index, requestedMs, waitMs);
  }
  for (const index of longest) if (index >= 0) keep[index] = 1;
  let kept = 0;
  for (const flag of keep) kept += flag;
  return { keep, kept, bucketMs };
}

/** Keeps what is asked for, the welcome ones up to `room` shapes; returns how many shapes those are. */
function keepAsked(checkouts: CheckoutList, { wanted, welcome }: AskedFor, room: number, keep: Uint8Array): number {
  if (wanted.size + welcome.size === 0) return 0;
  const found = new Map<string, number>();
  for (const index of checkouts.withIds(new Set([...wanted, ...welcome]))) {
    const id = checkouts.idOf(index);
    if (wanted.has(id)) keep[index] = 1;
    else found.set(id, index);
  }
  let used = 0;
  for (const id of welcome) {
    const index = found.get(id);
    if (index === undefined) continue;
    used += 1 + checkouts.countParts(index);
    if (used > room) return room;
    keep[index] = 1;
  }
  return used;
}
