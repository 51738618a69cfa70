import type { Query } from '../model.js';

/** Both numbers are rounded to a microsecond. No two statements are given to a client that fast. */
const ROUNDING_MS = 0.003;

/** When the program gave the statement to its client. */
export function submittedMs({ startMs, queuedMs }: Query): number {
  return startMs - queuedMs;
}

/** Whether it is a cursor's next read rather than a statement of its own: it was submitted with the one before. */
export function isFurtherRead(query: Query, before: Query | undefined): boolean {
  if (before === undefined || query.queuedMs === 0 || query.statement !== before.statement) return false;
  return Math.abs(submittedMs(query) - submittedMs(before)) <= ROUNDING_MS;
}
