import { binOf, DURATION_EDGES_MS } from '../../durations.js';
import type { Decomposition } from '../../model.js';
import { at } from '../element.js';
import type { PageFinding } from '../page-data.js';
import type { PoolModel } from './model.js';
import { unpackOccurrences, type HoldRows, type OccurrenceRows } from './occurrence-rows.js';
import { pendingWithin, usedWithin } from './selection.js';

/** A finding within the selected time. */
export interface FindingInRange {
  count: number;
  ms: number;
  maxMs: number;
  /** Of its pools' use time in the range; null: it holds no connections. */
  share: number | null;
  /** Of the waiting for its pools in the range; null: nobody waited, or it holds none. */
  waitShare: number | null;
  /** The numbers are of stretches of time that the range cuts. */
  isRough: boolean;
  /** How long those in the range took, by the bins of DURATION_EDGES_MS; null: not known one by one. */
  durations: number[] | null;
  /** Where the holds' time in the range went; null: it holds none. */
  decomposition: Decomposition | null;
  /** Around those in the range, the most frequent first; strings of the page. */
  statements: number[];
  /** Longest first. */
  worst: Example[];
  /** Each of `worst` is the longest of a stretch of so many milliseconds; 0: they are the longest of all. */
  worstOfMs: number;
}

export type Example = PageFinding['examples'][number];

const EXAMPLES = 10;
const STATEMENTS = 6;

/** What the finding was between two moments; null where it is not known when it occurred. */
export function findingWithin(finding: PageFinding, pools: readonly PoolModel[], fromMs: number, toMs: number): FindingInRange | null {
  if (finding.seen.length === 0) return null;
  const isKnown = finding.seen.every(({ columnUs }) => columnUs === 0);
  const sum: FindingInRange = {
    count: 0,
    ms: 0,
    maxMs: 0,
    share: null,
    waitShare: null,
    isRough: false,
    durations: isKnown ? Array.from({ length: DURATION_EDGES_MS.length + 1 }, () => 0) : null,
    decomposition: finding.decomposition === null ? null : { holdMs: 0, sqlMs: 0, awaitMs: 0, blockedMs: 0, idleMs: 0 },
    statements: [],
    // Of all occurrences the ten longest are known exactly.
    worst: isKnown ? [] : finding.examples.filter(({ startMs, ms }) => startMs + ms >= fromMs && startMs <= toMs),
    worstOfMs: 0,
  };
  const statements = new Map<number, number>();
  let useMs = 0;
  let waitMs = 0;
  let blamedMs = 0;
  for (const seen of finding.seen) {
    const pool = pools[seen.pool];
    const rows = unpackOccurrences(seen);
    const inside = addRows(sum, rows, seen.pool, fromMs, toMs);
    for (const { text, rows: among, counts } of rows.statements) {
      for (let i = 0; i < among.length; i++) if (inside.has(at(among, i))) statements.set(text, (statements.get(text) ?? 0) + at(counts, i));
    }
    if (sum.decomposition !== null && rows.holds !== null) addHolds(sum.decomposition, rows.holds, fromMs, toMs);
    if (pool === undefined) continue;
    if (pool.page.max > 0) blamedMs += blamedWithin(rows, pool, fromMs, toMs);
    useMs += usedWithin(pool, fromMs, toMs);
    waitMs += pendingWithin(pool, fromMs, toMs);
  }
  sum.count = Math.round(sum.count);
  sum.statements = [...statements].toSorted((a, b) => b[1] - a[1]).slice(0, STATEMENTS).map(([text]) => text);
  sum.worst = chooseWorst(sum.worst);
  if (finding.share !== null) {
    sum.share = useMs > 0 ? Math.min(1, sum.ms / useMs) : 0;
    if (waitMs > 0 && blamedMs / waitMs > 0.0005) sum.waitShare = Math.min(1, blamedMs / waitMs);
  }
  return sum;
}

/** Adds up the rows of one pool; returns which of them lie in the range, at least in part. */
function addRows(sum: FindingInRange, rows: OccurrenceRows, pool: number, fromMs: number, toMs: number): Set<number> {
  const within = new Set<number>();
  const isRough = rows.columnMs > 0;
  for (let i = 0; i < rows.startMs.length; i++) {
    const start = at(rows.startMs, i);
    const length = isRough ? rows.columnMs : at(rows.ms, i);
    if (start > toMs) break;
    const inside = Math.min(start + length, toMs) - Math.max(start, fromMs);
    if (inside < 0 || (isRough && inside === 0)) continue;
    const part = length > 0 ? inside / length : 1;
    if (isRough && part < 1) sum.isRough = true;
    if (isRough && within.size === 0) sum.count += at(rows.running, i);
    within.add(i);
    sum.count += isRough ? at(rows.count, i) * part : 1;
    sum.ms += at(rows.ms, i) * part;
    if (sum.durations !== null) {
      const bin = binOf(at(rows.ms, i));
      sum.durations[bin] = at(sum.durations, bin) + 1;
    }
    const [worstStart, worstMs] = [at(rows.worstStartMs, i), at(rows.maxMs, i)];
    // The longest of a stretch of time that the range cuts may be outside.
    if (worstStart > toMs || worstStart + worstMs < fromMs) continue;
    sum.maxMs = Math.max(sum.maxMs, worstMs);
    sum.worst.push({ startMs: worstStart, ms: worstMs, pool, checkout: at(rows.worstCheckout, i) });
    if (isRough) sum.worstOfMs = rows.columnMs;
  }
  return within;
}

/** The longest, each of them once: a long one is the longest of several stretches. */
function chooseWorst(examples: readonly Example[]): Example[] {
  const each = new Map<string, Example>();
  for (const example of examples) {
    const key = `${example.pool} ${Math.round(example.startMs * 1000)} ${Math.round(example.ms * 1000)}`;
    const known = each.get(key);
    if (known === undefined || known.checkout < 0) each.set(key, example);
  }
  return [...each.values()].toSorted((a, b) => b.ms - a.ms || a.startMs - b.startMs).slice(0, EXAMPLES);
}

/** Of a hold that the range cuts, each part counts as much as the whole: in which order they came is not known here. */
function addHolds(sum: Decomposition, holds: HoldRows, fromMs: number, toMs: number): void {
  for (let i = 0; i < holds.startMs.length; i++) {
    const start = at(holds.startMs, i);
    const length = holds.columnMs > 0 ? holds.columnMs : at(holds.ms, i);
    if (start > toMs) break;
    const inside = Math.min(start + length, toMs) - Math.max(start, fromMs);
    if (inside <= 0) continue;
    const ms = (at(holds.ms, i) * inside) / length;
    const [sql, awaited, blocked] = [ms * at(holds.sql, i), ms * at(holds.await, i), ms * at(holds.blocked, i)];
    sum.holdMs += ms;
    sum.sqlMs += sql;
    sum.awaitMs += awaited;
    sum.blockedMs += blocked;
    sum.idleMs += Math.max(0, ms - sql - awaited - blocked);
  }
}

/** Each of a pool's connections is to be blamed for its part of the waiting. */
function blamedWithin(rows: OccurrenceRows, pool: PoolModel, fromMs: number, toMs: number): number {
  let blamedMs = 0;
  for (let i = 0; i < rows.startMs.length; i++) {
    const start = at(rows.startMs, i);
    const length = rows.columnMs > 0 ? rows.columnMs : at(rows.ms, i);
    if (start > toMs) break;
    if (length === 0 || start + length < fromMs) continue;
    blamedMs += (pendingWithin(pool, Math.max(start, fromMs), Math.min(start + length, toMs)) * at(rows.ms, i)) / length / pool.page.max;
  }
  return blamedMs;
}
