import type { Checkout, Gap, Wait } from '../model.js';
import { firstGapAfter, isSameMoment, stillHolds } from './flows.js';
import { siteOf } from './locate.js';

/** A flow that holds a connection asks for another one, and goes on only when it has had that. */
export interface Nesting {
  outer: Checkout;
  inner: Checkout;
  /** Connections of the inner one's pool that the flow needs at once, that one included. */
  depth: number;
  /** How long the outer connection was kept for the inner one. */
  ms: number;
}

/** By the outer checkout. What the flow began and did not wait for is none: it keeps nobody. */
export function findNesting(checkouts: readonly Checkout[]): Map<Checkout, Nesting[]> {
  const found = new Map<Checkout, Nesting[]>();
  for (const inner of checkouts) {
    const outer = inner.inside;
    // A client without a pool takes no connection from anybody.
    if (outer === null || inner.pool === null || inner.via === 'client' || outer.acquiredMs === null) continue;
    if (!stillHolds(outer, inner)) continue;
    const ms = waitedFor(outer, inner);
    if (ms === null) continue;
    const nesting: Nesting = { outer, inner, depth: depthOf(inner), ms };
    const known = found.get(outer);
    if (known === undefined) found.set(outer, [nesting]);
    else known.push(nesting);
  }
  return found;
}

/** How long the outer flow waited for the inner connection and what was done with it; null: it did not. */
function waitedFor(outer: Checkout, inner: Checkout): number | null {
  let lastMs: number | null = null;
  const innerEndMs = inner.endedMs ?? Infinity;
  for (let index = firstGapAfter(outer, inner.requestedMs); index < outer.gaps.length; index += 1) {
    const gap = outer.gaps[index] as Gap;
    if (gap.startMs >= innerEndMs) break;
    for (const wait of gap.waits) {
      if (wait.startMs >= innerEndMs || wait.startMs + wait.ms <= inner.requestedMs) continue;
      if (isWaitFor(wait, inner)) lastMs = Math.min(innerEndMs, gap.startMs + gap.ms);
    }
  }
  return lastMs === null ? null : lastMs - inner.requestedMs;
}

function isWaitFor(wait: Wait, inner: Checkout): boolean {
  if (wait.kind !== 'checkout' && wait.kind !== 'query') return false;
  if (isSameMoment(wait.startMs, inner.requestedMs)) return true;
  const site = siteOf(wait.started);
  if (site === null || inner.stack === null) return true;
  const isHere = (stack: Checkout['stack']): boolean => {
    const other = siteOf(stack);
    return other !== null && other.file === site.file && other.line === site.line;
  };
  return isHere(inner.stack) || inner.queries.some(({ stack }) => isHere(stack));
}

function depthOf(inner: Checkout): number {
  let depth = 1;
  for (let outer = inner.inside; outer !== null; outer = outer.inside) {
    const isHeld = outer.acquiredMs !== null && (outer.endedMs ?? Infinity) > inner.requestedMs;
    if (isHeld && outer.pool === inner.pool) depth += 1;
  }
  return depth;
}
