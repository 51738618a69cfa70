import type { Query } from '../model.js';
import { isSameMoment } from './flows.js';

/** When the program gave the statement to its client. */
export function submittedMs({ startMs, queuedMs }: Query): number {
  return startMs - queuedMs;
}

/** Whether it is a cursor's next read rather than a statement of its own: it was submitted with the one before. */
export function isFurtherRead(query: Query, before: Query | undefined): boolean {
  if (before === undefined || query.queuedMs === 0 || query.statement !== before.statement) return false;
  return isSameMoment(submittedMs(query), submittedMs(before));
}
