import type { Checkout } from '../model.js';

/** What a connection is kept for on purpose, without a transaction: notifications, or a lock of the session. */
export type Purpose = 'listen' | 'lock';

const LISTENS = /^\s*listen\b/i;
const UNLISTENS = /^\s*unlisten\b/i;
const LOCKS = /\bpg_(?:try_)?advisory_lock(?:_shared)?\s*\(/i;
const UNLOCKS = /\bpg_advisory_unlock(?:_shared|_all)?\s*\(/i;

/** By the statements that were sent before `untilMs`; null: nothing of that kind. */
export function purposeOf({ queries }: Checkout, untilMs = Infinity): Purpose | null {
  let purpose: Purpose | null = null;
  for (const { statement, startMs, error } of queries) {
    if (startMs >= untilMs) break;
    const { text } = statement;
    if (error !== '') continue;
    if (LISTENS.test(text)) purpose = 'listen';
    else if (LOCKS.test(text)) purpose ??= 'lock';
    else if ((purpose === 'listen' && UNLISTENS.test(text)) || (purpose === 'lock' && UNLOCKS.test(text))) purpose = null;
  }
  return purpose;
}
