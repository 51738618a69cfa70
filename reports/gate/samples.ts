/** What limits measure, one by one. */
import type { CallSite, Checkout, Gap, Recording, Stack, Timeline, Transaction } from '../model.js';
import { isKnownWait, siteOf } from '../timeline/locate.js';
import { learnPlaces, type Places } from '../timeline/places.js';

export interface Sample {
  /** gap: inside of a transaction. wait: for a connection. hold: of a connection. */
  of: 'transaction' | 'gap' | 'wait' | 'hold';
  ms: number;
  /** The line to be named. */
  site: CallSite | null;
  /** Stacks by which it belongs to a place. */
  stacks: readonly (Stack | null)[];
  /** Id of the pool; "" without one. */
  pool: string;
}

export function takeSamples(timeline: Timeline, recordingOf: (checkout: Checkout) => Recording, visit: (sample: Sample) => void): void {
  const places = learnPlaces(timeline);
  for (const checkout of timeline.checkouts) {
    const { acquiredMs, requestedMs, queries } = checkout;
    const endMs = checkout.endedMs ?? Math.max(recordingOf(checkout).endMs, acquiredMs ?? 0);
    const pool = checkout.pool?.id ?? '';
    const first = queries[0];
    const stack = first === undefined ? checkout.stack : places.ofQuery(first, checkout).stack;
    const stacks = [stack, checkout.stack];
    // The line that asks for the connection; under load that of its first statement is known better.
    const site = siteOf(checkout.stack) ?? siteOf(stack);
    if (checkout.pool !== null) visit({ of: 'wait', ms: (acquiredMs ?? endMs) - requestedMs, site, stacks, pool });
    if (acquiredMs !== null) visit({ of: 'hold', ms: endMs - acquiredMs, site, stacks, pool });
    for (const transaction of checkout.transactions) visitTransaction(transaction, checkout, places, pool, visit);
  }
}

function visitTransaction(transaction: Transaction, checkout: Checkout, places: Places, pool: string, visit: (sample: Sample) => void): void {
  const first = transaction.queries[0];
  const stack = first === undefined ? checkout.stack : places.ofQuery(first, checkout).stack;
  const stacks = [stack, checkout.stack];
  visit({ of: 'transaction', ms: transaction.ms, site: siteOf(stack), stacks, pool });
  for (const gap of transaction.gaps) {
    const inner = stackOfGap(gap, checkout, places);
    visit({ of: 'gap', ms: gap.ms, site: siteOf(inner) ?? siteOf(stack), stacks: [inner, ...stacks], pool });
  }
}

/** Of its longest wait, or of what ended it. */
function stackOfGap(gap: Gap, checkout: Checkout, places: Places): Stack | null {
  const [longest] = gap.waits.filter(isKnownWait).toSorted((a, b) => b.ms - a.ms);
  return longest === undefined ? places.ofGap(gap, checkout).stack : places.ofWait(longest, gap, checkout).stack;
}
