import type { WaitKind } from '../../probes/trace/events.js';
import type { Gap, Query, Stack, Transaction, Wait } from '../model.js';

/** Times are microseconds exact: what is shorter is rounding. */
export const ROUNDING_MS = 0.0005;

const NO_WAITS: Wait[] = [];

/** What is known of a hold, on the run's clock. */
export interface Hold {
  acquiredMs: number;
  /** Its release, or the last moment of the trace. */
  endMs: number;
  /** It was released. */
  ended: boolean;
  /** Sorted by start. */
  queries: readonly Query[];
  transactions: readonly Transaction[];
}

/** A gap as the trace has it; times relative to the checkout's request, stacks as ids. */
export interface SeenGap {
  t: number;
  ms: number;
  waits: readonly SeenWait[];
  ended: number;
  unwatched: boolean;
  open: boolean;
}

export interface SeenWait {
  t: number;
  ms: number;
  kind: WaitKind;
  detail: string;
  started: number;
  awaited: number;
  foreign: boolean;
}

type StackOf = (id: number) => Stack | null;

/**
 * All gaps of a hold: from its acquire to the first statement, between statements, from the last to the release.
 * They follow from the statements; `seen` (its times relative to `baseMs`) adds the waits. Each gap inside a transaction
 * is added to that transaction too.
 */
export function deriveGaps(hold: Hold, seen: readonly SeenGap[], baseMs: number, stackOf: StackOf): Gap[] {
  const sorted = seen.length > 1 ? seen.toSorted((a, b) => a.t - b.t) : seen;
  const gaps: Gap[] = [];
  const next = { seen: 0, transaction: 0 };
  let atMs = hold.acquiredMs;
  for (let index = 0; index < hold.queries.length; index += 1) {
    const query = hold.queries[index] as Query;
    const { startMs } = query;
    const endMs = Math.min(startMs, hold.endMs);
    const gap = gapBetween(atMs, endMs, false, index);
    if (gap !== null) gaps.push(place(gap, endMs, hold, sorted, next, baseMs, stackOf));
    atMs = Math.max(atMs, startMs + query.ms);
  }
  const last = gapBetween(atMs, hold.endMs, !hold.ended, hold.queries.length);
  if (last !== null) gaps.push(place(last, hold.endMs, hold, sorted, next, baseMs, stackOf));
  return gaps;
}

/** How far the gaps that were seen, and the transactions, have been gone through. */
interface Next {
  seen: number;
  transaction: number;
}

/** Whether there is time between two moments. */
export function isGap(startMs: number, endMs: number): boolean {
  return endMs - startMs >= ROUNDING_MS;
}

function gapBetween(startMs: number, endMs: number, open: boolean, next: number): Gap | null {
  return !isGap(startMs, endMs) ? null : { startMs, ms: endMs - startMs, inTransaction: false, waits: NO_WAITS, ended: null, open, next };
}

/** Adds what was seen in a gap, and puts it into its transaction. */
function place(gap: Gap, endMs: number, { transactions }: Hold, seen: readonly SeenGap[], next: Next, baseMs: number, stackOf: StackOf): Gap {
  if (next.seen < seen.length) addSeen(gap, endMs, seen, next, baseMs, stackOf);
  for (; next.transaction < transactions.length; next.transaction += 1) {
    const transaction = transactions[next.transaction] as Transaction;
    if (endMs <= transaction.startMs + ROUNDING_MS) break;
    if (gap.startMs >= transaction.startMs + transaction.ms - ROUNDING_MS) continue;
    gap.inTransaction = true;
    transaction.gaps.push(gap);
    break;
  }
  return gap;
}

function addSeen(gap: Gap, endMs: number, seen: readonly SeenGap[], next: Next, baseMs: number, stackOf: StackOf): void {
  for (; next.seen < seen.length; next.seen += 1) {
    const known = seen[next.seen] as SeenGap;
    const seenMs = baseMs + known.t;
    // The gap's own middle tells best which one is meant when both edges are a little off.
    if (seenMs + known.ms / 2 > endMs) break;
    if (seenMs + known.ms < gap.startMs) continue;
    gap.ended = stackOf(known.ended) ?? gap.ended;
    const waits = resolveWaits(known, baseMs, gap, stackOf);
    gap.waits = gap.waits.length === 0 ? waits : gap.waits.concat(waits);
    if (known.unwatched) gap.unwatched = true;
    if (known.open && gap.open) {
      gap.looked = true;
      goOn(gap, seenMs + known.ms);
    }
  }
}

/** What an open gap waited for when it was last written, it goes on waiting for; a timer only as long as it runs. */
function goOn(gap: Gap, writtenMs: number): void {
  const last = gap.waits.at(-1);
  if (last === undefined || last.startMs + last.ms < writtenMs - ROUNDING_MS * 4) return;
  const timerMs = last.kind === 'timer' ? Number.parseFloat(last.detail) : Number.NaN;
  const untilMs = Math.min(gap.startMs + gap.ms, Number.isNaN(timerMs) ? Infinity : Math.max(writtenMs, last.startMs + timerMs));
  last.ms = untilMs - last.startMs;
}

/** Clipped to their gap and to each other, so that their sum is never more than the gap. */
function resolveWaits(seen: SeenGap, baseMs: number, gap: Gap, stackOf: StackOf): Wait[] {
  const gapEndMs = gap.startMs + gap.ms;
  let fromMs = gap.startMs;
  return seen.waits.map((wait) => {
    const startMs = Math.min(Math.max(baseMs + wait.t, fromMs), gapEndMs);
    const endMs = Math.max(startMs, Math.min(baseMs + wait.t + wait.ms, gapEndMs));
    fromMs = endMs;
    return {
      startMs,
      ms: endMs - startMs,
      kind: wait.kind,
      detail: wait.detail,
      started: stackOf(wait.started),
      awaited: stackOf(wait.awaited),
      foreign: wait.foreign,
    };
  });
}
