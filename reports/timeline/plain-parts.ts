/**
 * What the columns of a checkout tell of its parts, without them being made: where nothing was seen in its gaps, none of its
 * statements was running at the end, and they are in order. That is nearly all of a long recording.
 */
import { TRANSACTION_STATUSES } from '../../probes/trace/events.js';
import { statusOf, type CheckoutTable } from '../read/checkout-table.js';
import { isGap } from './derive-gaps.js';

const IDLE = TRANSACTION_STATUSES.indexOf('I');
/** Of shorter gaps and statements rounding decides to which transaction they belong. */
const EXACT_MS = 0.0009;

/** A checkout's moments, on the run's clock. */
export interface Span {
  requestedMs: number;
  acquiredMs: number;
  /** Its release, or the last moment of the trace. */
  endMs: number;
}

/** How many statements, gaps and transactions there are in it. */
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

/** The longest gap in its transactions; NaN where its statements overlap, or follow each other too closely to tell. */
export function longestPause({ firstQuery, queries }: CheckoutTable, row: number, { requestedMs, acquiredMs, endMs }: Span): number {
  const end = firstQuery.at(row + 1);
  let longestMs = 0;
  let atMs = acquiredMs;
  let isOpen = false;
  for (let query = firstQuery.at(row); query <= end; query += 1) {
    if (query === end && !isOpen) break;
    const fromMs = query === end ? endMs : requestedMs + queries.startMs.at(query);
    const gapMs = fromMs - atMs;
    if (gapMs < 0 || (isOpen && gapMs !== 0 && gapMs < EXACT_MS)) return Number.NaN;
    if (isOpen && gapMs > longestMs) longestMs = gapMs;
    if (query === end) break;
    const ms = queries.ms.at(query);
    if (ms < EXACT_MS) return Number.NaN;
    atMs = fromMs + ms;
    isOpen = statusOf(queries.facts.at(query)) !== IDLE;
  }
  return longestMs;
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
