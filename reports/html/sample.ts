import type { Checkout } from '../model.js';
import { RecordedCheckout } from '../timeline/recorded-checkout.js';
import { orElse, timesOf } from '../timeline/times.js';
import { at } from './element.js';

export interface Sample {
  /** 1: shown. */
  keep: Uint8Array;
  kept: number;
  /** Width of the buckets of which the longest checkout was kept; 0: all are shown. */
  bucketMs: number;
}

/** How many shapes the page draws for a checkout. */
export function countSpans(checkout: Checkout): number {
  if (checkout instanceof RecordedCheckout) return 1 + checkout.countParts();
  let spans = 1 + checkout.queries.length + checkout.gaps.length + checkout.transactions.length;
  for (const gap of checkout.gaps) spans += gap.waits.length;
  return spans;
}

/**
 * Chooses the checkouts to show, so that about `budget` shapes remain: those in `wanted`, and the longest of each stretch
 * of time in each lane. `spans`: how many shapes they all are. `lane` names the lane of a checkout (-1: never acquired).
 */
export function sampleCheckouts(
  checkouts: readonly Checkout[],
  lane: (index: number) => number,
  lanes: number,
  wanted: ReadonlySet<string>,
  endMs: number,
  budget: number,
  spans = checkouts.reduce((sum, checkout) => sum + countSpans(checkout), 0),
): Sample {
  const keep = new Uint8Array(checkouts.length);
  if (spans <= budget) return { keep: keep.fill(1), kept: checkouts.length, bucketMs: 0 };
  const rows = lanes + 1;
  const perCheckout = spans / checkouts.length;
  const columns = Math.max(1, Math.floor(budget / perCheckout / rows));
  const bucketMs = Math.max(endMs, 1) / columns;
  const longest = new Int32Array(rows * (columns + 1)).fill(-1);
  const times = timesOf(checkouts);
  const fromMs = (index: number): number => orElse(at(times.acquiredMs, index), at(times.requestedMs, index));
  const lengthMs = (index: number): number => orElse(at(times.endedMs, index), endMs) - fromMs(index);
  for (let index = 0; index < checkouts.length; index++) {
    const column = Math.max(0, Math.min(columns, Math.floor(fromMs(index) / bucketMs)));
    const slot = (lane(index) + 1) * (columns + 1) + column;
    const best = at(longest, slot);
    if (best < 0 || lengthMs(index) > lengthMs(best)) longest[slot] = index;
  }
  for (const [index, { id }] of wanted.size === 0 ? [] : checkouts.entries()) if (wanted.has(id)) keep[index] = 1;
  for (const index of longest) if (index >= 0) keep[index] = 1;
  let kept = 0;
  for (const flag of keep) kept += flag;
  return { keep, kept, bucketMs };
}
