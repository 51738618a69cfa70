import { partitionPoint } from '../binary-search.js';
import type { Checkout, Query, Timeline, Transaction } from '../model.js';
import { checkoutsOf } from '../timeline/checkout-list.js';

/**
 * Whether a statement waited for a lock, as far as a trace alone can tell, and whose. It did when the server said so
 * (a deadlock, a lock timeout); or when it is one that takes locks, usually takes a fraction of the time, and ended in the
 * moment in which a transaction ended that had taken locks of the same table: one that had been open all along, or the
 * last of several that had them one after the other, never two at once. (PostgreSQL lets waiters overtake each other.)
 */
export type FindLockWait = (query: Query, checkout: Checkout) => LockWait | null;

export interface LockWait {
  /** Who had the lock; null: not known. */
  blocker: Checkout | null;
}

/** Shorter waits are not worth a word. */
export const LOCK_WAIT_MS = 50;
/** Of a statement that was still waiting when the trace ended. */
const UNENDED_MS = 1000;
/** The answers to the COMMIT and to the statement that it let go come within this time of each other. */
const BEFORE_MS = 10;
const AFTER_MS = 5;
/** deadlock_detected, lock_not_available */
const LOCK_ERRORS: ReadonlySet<string> = new Set(['40P01', '55P03']);
/** Those that had the lock one after the other had it for this share of the wait, at least. */
const COVERED = 0.5;
/** Without waiting, the statement takes at most this share of its time. */
const USUAL = 0.2;

const WRITES = /^\s*(?:update(?:\s+only)?|delete\s+from(?:\s+only)?|insert\s+into|merge\s+into|lock(?:\s+table)?(?:\s+only)?)\s+([\w."]+)/i;
const SELECTS_FOR = /\bfrom\s+(?:only\s+)?([\w."]+)[\s\S]*\bfor\s+(?:update|no\s+key\s+update|share|key\s+share)\b/i;
const ADVISORY = /\bpg_advisory_(?:xact_)?lock(?:_shared)?\s*\(/i;

/** What a statement locks: a table's name, "advisory", or "". */
export function lockedBy(text: string): string {
  const [, table] = WRITES.exec(text) ?? SELECTS_FOR.exec(text) ?? [];
  return table?.toLowerCase() ?? (ADVISORY.test(text) ? 'advisory' : '');
}

interface Holder {
  checkout: Checkout;
  startMs: number;
  endMs: number;
  /** Since when it had each of its locks. */
  locks: Map<string, number>;
}

export function findLockWaits(timeline: Timeline): FindLockWait {
  const locks = new Map<string, string>();
  const lockOf = (text: string): string => {
    let lock = locks.get(text);
    if (lock === undefined) locks.set(text, (lock = lockedBy(text)));
    return lock;
  };
  const holders: Holder[] = [];
  const fastest = new Map<string, number>();
  const list = checkoutsOf(timeline);
  for (let index = 0; index < list.length; index += 1) {
    const checkout = list.glanceAt(index);
    for (const { statement, ms, status } of checkout.queries) {
      if (status !== null && lockOf(statement.text) !== '') fastest.set(statement.text, Math.min(ms, fastest.get(statement.text) ?? Infinity));
    }
    for (const transaction of checkout.transactions) {
      const taken = new Map<string, number>();
      for (const { statement, startMs, ms } of transaction.queries) {
        const lock = lockOf(statement.text);
        if (lock !== '' && !taken.has(lock)) taken.set(lock, startMs + ms);
      }
      if (taken.size > 0) holders.push({ checkout: list.at(index), startMs: transaction.startMs, endMs: endOf(transaction), locks: taken });
    }
  }
  holders.sort((a, b) => a.endMs - b.endMs);

  const findBlocker: (...args: Parameters<FindLockWait>) => Checkout | null = (query, checkout) => {
    const lock = lockOf(query.statement.text);
    if (lock === '' || !((fastest.get(query.statement.text) ?? Infinity) <= query.ms * USUAL)) return null;
    const isBlocker = (holder: Holder): boolean => holder.checkout !== checkout && holder.startMs < query.startMs && holder.locks.has(lock);
    if (query.status === null) return query.ms < UNENDED_MS ? null : (holders.findLast((holder) => holder.endMs === Infinity && isBlocker(holder))?.checkout ?? null);
    const endMs = query.startMs + query.ms;
    for (let index = firstAt(holders, endMs - BEFORE_MS); index < holders.length; index += 1) {
      const holder = holders[index] as Holder;
      if (holder.endMs > endMs + AFTER_MS) break;
      if (isBlocker(holder)) return holder.checkout;
    }
    return findLastOfQueue(lock, query, checkout);
  };
  const findLastOfQueue = (lock: string, { startMs, ms }: Query, checkout: Checkout): Checkout | null => {
    const endMs = startMs + ms;
    let last: Holder | null = null;
    let nextMs = Infinity;
    let heldMs = 0;
    for (let index = firstAt(holders, endMs + AFTER_MS) - 1; index >= 0; index -= 1) {
      const holder = holders[index] as Holder;
      const lockedMs = holder.locks.get(lock);
      if (holder.endMs <= startMs) break;
      if (lockedMs === undefined || holder.checkout === checkout) continue;
      if (last === null ? holder.endMs < endMs - BEFORE_MS : holder.endMs > nextMs + AFTER_MS) return null;
      last ??= holder;
      nextMs = lockedMs;
      heldMs += holder.endMs - Math.max(lockedMs, startMs);
    }
    return heldMs >= ms * COVERED ? (last?.checkout ?? null) : null;
  };
  return (query, checkout) => {
    if (query.ms < LOCK_WAIT_MS) return null;
    const blocker = findBlocker(query, checkout);
    return blocker === null && !LOCK_ERRORS.has(query.error) ? null : { blocker };
  };
}

/** When its locks went: with its end, or with the error that ended all but its name. Infinity: they are still there. */
function endOf({ status, startMs, ms, queries }: Transaction): number {
  const failed = queries.find((query) => query.status === 'E');
  // After a rollback to a savepoint it goes on, and so do the locks of before.
  if (failed !== undefined && !queries.some((query) => query.startMs > failed.startMs && query.status === 'T')) return failed.startMs + failed.ms;
  return status === 'I' ? startMs + ms : Infinity;
}

function firstAt(holders: readonly Holder[], ms: number): number {
  return partitionPoint(holders.length, (index) => (holders[index] as Holder).endMs < ms);
}
