/**
 * What the columns of a checkout tell of its parts, without them being made: where none of its statements was running at the
 * end, and they are in order. That is nearly all of a long recording.
 */
import { TRANSACTION_STATUSES, WAIT_KINDS } from '../../probes/trace/events.js';
import { GAP_MARK, statusOf, type CheckoutTable } from '../read/checkout-table.js';
import { isGap, ROUNDING_MS } from './derive-gaps.js';

const IDLE = TRANSACTION_STATUSES.indexOf('I');
const UNKNOWN = WAIT_KINDS.indexOf('unknown');
/** Of shorter gaps and statements rounding decides to which transaction they belong. */
const EXACT_MS = 0.0009;

/** A checkout's moments, on the run's clock. */
export interface Span {
  requestedMs: number;
  acquiredMs: number;
  /** Its release, or the last moment of the trace. */
  endMs: number;
}

/** How many statements, gaps and transactions there are in it. To be asked where no wait was seen in its gaps. */
export function countParts({ firstQuery, queries }: CheckoutTable, row: number, { requestedMs, acquiredMs, endMs }: Span): number {
  const end = firstQuery.at(row + 1);
  let parts = 0;
  let atMs = acquiredMs;
  let isOpen = false;
  for (let query = firstQuery.at(row); query < end; query += 1) {
    const fromMs = requestedMs + queries.startMs.at(query);
    const isOpenAfter = statusOf(queries.facts.at(query)) !== IDLE;
    parts += 1 + (isGap(atMs, Math.min(fromMs, endMs)) ? 1 : 0) + (isOpenAfter && !isOpen ? 1 : 0);
    atMs = Math.max(atMs, fromMs + queries.ms.at(query));
    isOpen = isOpenAfter;
  }
  return parts + (isGap(atMs, endMs) ? 1 : 0);
}

/**
 * The longest gap in its transactions, less what was seen to be awaited in it: rounded up, for its waits are added up here in
 * another way. NaN where its statements overlap, or follow each other too closely to tell; where one of these gaps was not
 * watched, or where several that were seen lie in one, or none.
 */
export function longestPause(table: CheckoutTable, row: number, { requestedMs, acquiredMs, endMs }: Span): number {
  const { firstQuery, firstGap, queries, gaps } = table;
  const end = firstQuery.at(row + 1);
  const gapEnd = firstGap.at(row + 1);
  let gap = firstGap.at(row);
  let longestMs = 0;
  let atMs = acquiredMs;
  let isOpen = false;
  for (let query = firstQuery.at(row); query <= end; query += 1) {
    if (query === end && !isOpen) break;
    const fromMs = query === end ? endMs : requestedMs + queries.startMs.at(query);
    let pauseMs = fromMs - atMs;
    if (pauseMs < 0 || (isOpen && pauseMs !== 0 && pauseMs < EXACT_MS)) return Number.NaN;
    if (gap < gapEnd && requestedMs + gaps.startMs.at(gap) < fromMs + ROUNDING_MS) {
      const waitedMs = waitedWithin(table, gap, requestedMs, atMs, fromMs);
      if (Number.isNaN(waitedMs) || (isOpen && (gaps.marks.at(gap) & GAP_MARK.unwatched) !== 0)) return Number.NaN;
      if (waitedMs > 0) pauseMs += ROUNDING_MS - waitedMs;
      gap += 1;
    }
    if (isOpen && pauseMs > longestMs) longestMs = pauseMs;
    if (query === end) break;
    const ms = queries.ms.at(query);
    if (ms < EXACT_MS) return Number.NaN;
    atMs = fromMs + ms;
    isOpen = statusOf(queries.facts.at(query)) !== IDLE;
  }
  const isSeenElsewhere = gap < gapEnd && (isOpen || requestedMs + gaps.startMs.at(gap) < atMs - ROUNDING_MS);
  return isSeenElsewhere ? Number.NaN : longestMs;
}

/** For how long something of a known kind was awaited in a gap that was seen; NaN where it does not lie between two moments. */
function waitedWithin({ gaps, waits }: CheckoutTable, gap: number, requestedMs: number, startMs: number, endMs: number): number {
  const seenMs = requestedMs + gaps.startMs.at(gap);
  if (seenMs < startMs - ROUNDING_MS || seenMs + gaps.ms.at(gap) > endMs + ROUNDING_MS) return Number.NaN;
  let sumMs = 0;
  let atMs = startMs;
  // Clipped to the gap and to each other, as where they are made.
  for (let wait = gaps.firstWait.at(gap); wait < gaps.firstWait.at(gap + 1); wait += 1) {
    const waitMs = requestedMs + waits.startMs.at(wait);
    const fromMs = Math.min(Math.max(waitMs, atMs), endMs);
    atMs = Math.max(fromMs, Math.min(waitMs + waits.ms.at(wait), endMs));
    if (waits.kind.at(wait) !== UNKNOWN) sumMs += atMs - fromMs;
  }
  return sumMs;
}

/**
 * The gaps in its transactions: into `into`, the rows of the statements before and after each; -1: none. To be asked where
 * `longestPause` is a number. @returns how many numbers these are.
 */
export function listPauses({ firstQuery, queries }: CheckoutTable, row: number, { requestedMs, endMs }: Span, into: number[]): number {
  const end = firstQuery.at(row + 1);
  let used = 0;
  let atMs = 0;
  let isOpen = false;
  for (let query = firstQuery.at(row); query < end; query += 1) {
    const fromMs = requestedMs + queries.startMs.at(query);
    if (isOpen && isGap(atMs, fromMs)) {
      into[used++] = query - 1;
      into[used++] = query;
    }
    atMs = fromMs + queries.ms.at(query);
    isOpen = statusOf(queries.facts.at(query)) !== IDLE;
  }
  if (isOpen && isGap(atMs, endMs)) {
    into[used++] = end - 1;
    into[used++] = -1;
  }
  return used;
}
