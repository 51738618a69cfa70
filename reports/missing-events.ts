import type { Recording } from './model.js';

/** How many events of a recording may be missing: those that were dropped, and what could not be read. */
export function missingEvents({ lostEvents, badLines, unreadable = [] }: Recording): number {
  return unreadable.some(({ stopped }) => stopped !== null) ? Infinity : lostEvents + badLines;
}
