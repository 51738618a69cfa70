import type { RawGap } from '../../probes/trace/events.js';
import type { Gap, Query, Stack, Transaction, Wait } from '../model.js';

/** Times are microseconds exact: what is shorter is rounding. */
const ROUNDING_MS = 0.0005;

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

/**
 * All gaps of a hold: from its acquire to the first statement, between statements, from the last to the release.
 * They follow from the statements; `raw` (its times relative to `baseMs`) adds the waits. Each gap inside a transaction
 * is added to that transaction too.
 */
export function deriveGaps(hold: Hold, raw: readonly RawGap[], baseMs: number, stackOf: (id: number | undefined) => Stack | null): Gap[] {
  const gaps: Gap[] = [];
  const sorted = raw.length > 1 ? raw.toSorted((a, b) => a.t - b.t) : raw;
  let nextRaw = 0;
  let nextTransaction = 0;

  const addGap = (startMs: number, endMs: number, open: boolean): void => {
    if (endMs - startMs < ROUNDING_MS) return;
    const gap: Gap = { startMs, ms: endMs - startMs, inTransaction: false, waits: NO_WAITS, ended: null, open };
    while (nextRaw < sorted.length) {
      const rawGap = sorted[nextRaw] as RawGap;
      const rawStartMs = baseMs + rawGap.t;
      // The gap's own middle tells best which one is meant when both edges are a little off.
      if (rawStartMs + rawGap.ms / 2 > endMs) break;
      nextRaw += 1;
      if (rawStartMs + rawGap.ms < startMs) continue;
      gap.ended = stackOf(rawGap.ended) ?? gap.ended;
      gap.waits = gap.waits.concat(resolveWaits(rawGap, baseMs, gap, stackOf));
      if (rawGap.unwatched === true) gap.unwatched = true;
      if (rawGap.open === true && open) {
        gap.looked = true;
        goOn(gap, rawStartMs + rawGap.ms);
      }
    }
    const transaction = transactionAt(startMs, endMs);
    if (transaction !== undefined) {
      gap.inTransaction = true;
      transaction.gaps.push(gap);
    }
    gaps.push(gap);
  };

  const transactionAt = (startMs: number, endMs: number): Transaction | undefined => {
    for (;;) {
      const transaction = hold.transactions[nextTransaction];
      if (transaction === undefined || endMs <= transaction.startMs + ROUNDING_MS) return undefined;
      if (startMs < transaction.startMs + transaction.ms - ROUNDING_MS) return transaction;
      nextTransaction += 1;
    }
  };

  let atMs = hold.acquiredMs;
  for (const query of hold.queries) {
    addGap(atMs, Math.min(query.startMs, hold.endMs), false);
    atMs = Math.max(atMs, query.startMs + query.ms);
  }
  addGap(atMs, hold.endMs, !hold.ended);
  return gaps;
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
function resolveWaits(raw: RawGap, baseMs: number, gap: Gap, stackOf: (id: number | undefined) => Stack | null): Wait[] {
  const waits: Wait[] = [];
  const gapEndMs = gap.startMs + gap.ms;
  let fromMs = gap.startMs;
  for (const wait of raw.waits) {
    const startMs = Math.min(Math.max(baseMs + wait.t, fromMs), gapEndMs);
    const endMs = Math.max(startMs, Math.min(baseMs + wait.t + wait.ms, gapEndMs));
    fromMs = endMs;
    waits.push({
      startMs,
      ms: endMs - startMs,
      kind: wait.kind,
      detail: wait.detail ?? '',
      started: stackOf(wait.started),
      awaited: stackOf(wait.awaited),
      foreign: wait.foreign === true,
    });
  }
  return waits;
}
