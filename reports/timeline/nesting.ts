import type { Checkout, Gap, Pool, Timeline, Wait } from '../model.js';
import { firstGapAfter, isOnWay, stillHolds } from './flows.js';
import { siteOf } from './locate.js';
import { select, TRAIT } from './select.js';
import { purposeOf } from './purpose.js';
import { isFurtherRead } from './submitted.js';

/**
 * How the two connections relate. same: of one pool. circle: of two, and elsewhere flows of the inner one's wait for the
 * outer one's. other: of two. And, outside of transactions: lock, the outer one is kept for a lock of its session; cursor,
 * it is between two reads of a cursor; listen, it is kept for notifications.
 */
export type NestingKind = 'same' | 'circle' | 'other' | 'lock' | 'cursor' | 'listen';

/** A flow that holds a connection asks for another one, and goes on only when it has had that. */
export interface Nesting {
  outer: Checkout;
  inner: Checkout;
  kind: NestingKind;
  inTransaction: boolean;
  /** Connections of the inner one's pool that the flow needs at once, that one included. */
  depth: number;
  /** How long the outer connection was kept for the inner one. */
  ms: number;
  /** The first wait of the outer flow for the inner one, and its gap. */
  wait: Wait;
  gap: Gap;
}

/** By the outer checkout. What the flow began and did not wait for is none: it keeps nobody. */
export function findNesting(timeline: Timeline): Map<Checkout, Nesting[]> {
  const found = new Map<Checkout, Nesting[]>();
  for (const inner of select(timeline, TRAIT.nested)) {
    const outer = inner.inside;
    // A client without a pool takes no connection from anybody.
    if (outer === null || inner.pool === null || inner.via === 'client' || outer.acquiredMs === null) continue;
    if (!stillHolds(outer, inner)) continue;
    const waited = waitedFor(outer, inner);
    if (waited === null) continue;
    const depth = depthOf(inner);
    const inTransaction = outer.transactions.some(({ startMs, ms: lengthMs }) => startMs <= inner.requestedMs && inner.requestedMs <= startMs + lengthMs);
    const nesting: Nesting = { outer, inner, kind: kindOf(outer, inner, depth, inTransaction), inTransaction, depth, ...waited };
    const known = found.get(outer);
    if (known === undefined) found.set(outer, [nesting]);
    else known.push(nesting);
  }
  markCircles([...found.values()].flat());
  return found;
}

function kindOf(outer: Checkout, inner: Checkout, depth: number, inTransaction: boolean): NestingKind {
  if (!inTransaction) {
    const purpose = purposeOf(outer, inner.requestedMs);
    if (purpose !== null) return purpose;
    if (depth > 1 && isReading(outer, inner.requestedMs)) return 'cursor';
  }
  return depth > 1 ? 'same' : 'other';
}

/** Between two reads of a cursor. */
function isReading({ queries }: Checkout, ms: number): boolean {
  const next = queries.findIndex(({ startMs }) => startMs > ms);
  const after = queries[next];
  return after !== undefined && isFurtherRead(after, queries[next - 1]);
}

/** Flows of a pool that wait for another one whose flows wait, directly or through others, for the first. */
function markCircles(nestings: readonly Nesting[]): void {
  const wants = new Map<Pool, Set<Pool>>();
  const others = nestings.filter(({ kind, outer }) => kind === 'other' && outer.pool !== null);
  for (const { outer, inner } of others) {
    const [held, wanted] = [outer.pool as Pool, inner.pool as Pool];
    const known = wants.get(held);
    if (known === undefined) wants.set(held, new Set([wanted]));
    else known.add(wanted);
  }
  for (const nesting of others) {
    const reached = new Set([nesting.inner.pool as Pool]);
    for (const pool of reached) for (const next of wants.get(pool) ?? []) reached.add(next);
    if (reached.has(nesting.outer.pool as Pool)) nesting.kind = 'circle';
  }
}

/** How the outer flow waited for the inner connection and what was done with it; null: it did not. */
function waitedFor(outer: Checkout, inner: Checkout): Pick<Nesting, 'ms' | 'wait' | 'gap'> | null {
  let found: Pick<Nesting, 'ms' | 'wait' | 'gap'> | null = null;
  const innerEndMs = inner.endedMs ?? Infinity;
  for (let index = firstGapAfter(outer, inner.requestedMs); index < outer.gaps.length; index += 1) {
    const gap = outer.gaps[index] as Gap;
    if (gap.startMs >= innerEndMs) break;
    for (const wait of gap.waits) {
      if (wait.startMs >= innerEndMs || wait.startMs + wait.ms <= inner.requestedMs || !isWaitFor(wait, inner)) continue;
      found ??= { wait, gap, ms: 0 };
      found.ms = Math.min(innerEndMs, gap.startMs + gap.ms) - inner.requestedMs;
    }
  }
  return found;
}

/** Its place decides, as another request may have been made in the same moment; where the place is not known, the moment. */
function isWaitFor(wait: Wait, inner: Checkout): boolean {
  if (wait.kind !== 'checkout' && wait.kind !== 'query') return false;
  if (siteOf(wait.started) === null || siteOf(inner.stack) === null) return true;
  if (isOnWay(wait.started, inner.stack)) return true;
  return inner.queries.some(({ stack }) => isOnWay(wait.started, stack));
}

function depthOf(inner: Checkout): number {
  let depth = 1;
  for (let outer = inner.inside; outer !== null; outer = outer.inside) {
    const isHeld = outer.acquiredMs !== null && (outer.endedMs ?? Infinity) > inner.requestedMs;
    if (isHeld && outer.pool === inner.pool) depth += 1;
  }
  return depth;
}
