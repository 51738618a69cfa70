import type { Checkout, Gap, Wait } from '../model.js';
import { MARK } from '../read/checkout-table.js';
import type { RecordedList } from './recorded-list.js';
import { firstGapAfter, isOnWay, stillHolds } from './flows.js';

/**
 * A gap in which the flow asked for another connection, and did not get it or still holds it, waits for that connection.
 * The trace need not say so: a request that was never granted completes nothing that could be traced back to it.
 */
export function explainRequests(checkouts: RecordedList): void {
  for (let index = 0; index < checkouts.length; index += 1) {
    if ((checkouts.factsOf(index) & MARK.nested) === 0) continue;
    const inner = checkouts.at(index);
    const outer = inner.inside;
    if (outer === null || outer.acquiredMs === null || inner.via === 'client') continue;
    if (inner.acquiredMs !== null && inner.endedMs !== null) continue;
    if (!stillHolds(outer, inner)) continue;
    outer.keep();
    const gap = outer.gaps[firstGapAfter(outer, inner.requestedMs)];
    if (gap === undefined || gap.startMs > inner.requestedMs) continue;
    if (gap.open) explainOpen(gap, inner);
    else if (inner.endedMs !== null) explainClosed(gap, inner, inner.endedMs);
  }
}

/**
 * What an open gap has is a guess, the last thing that was begun in it; it is right where it leads somewhere else. Where
 * there was nothing that it could wait for, its flow has ended.
 */
function explainOpen(gap: Gap, inner: Checkout): void {
  if (inner.endedMs !== null || (gap.looked === true && gap.waits.length === 0)) return;
  const isElsewhere = ({ started }: Wait): boolean => (started?.frames.length ?? 0) > 0 && inner.stack !== null && !isOnWay(started, inner.stack);
  if (gap.waits.some(isElsewhere) || gap.waits.some(({ kind, startMs }) => kind === 'checkout' && startMs <= inner.requestedMs)) return;
  gap.waits = [requestOf(inner, gap.startMs + gap.ms)];
}

function explainClosed(gap: Gap, inner: Checkout, endMs: number): void {
  const untilMs = Math.min(endMs, gap.startMs + gap.ms);
  const overlapping = gap.waits.filter((wait) => wait.startMs < untilMs && wait.startMs + wait.ms > inner.requestedMs);
  if (overlapping.some(({ kind }) => kind !== 'promise' && kind !== 'unknown')) return;
  const others = gap.waits.filter((wait) => !overlapping.includes(wait));
  gap.waits = [...others, requestOf(inner, untilMs)].toSorted((a, b) => a.startMs - b.startMs);
}

function requestOf({ requestedMs, stack }: Checkout, endMs: number): Wait {
  return { startMs: requestedMs, ms: Math.max(0, endMs - requestedMs), kind: 'checkout', detail: '', started: stack, awaited: null, foreign: false };
}
