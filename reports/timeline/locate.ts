import type { CallSite, Checkout, Gap, Query, Stack, Wait } from '../model.js';

/** Where something happened: the stack, and whether it is the very place or only the nearest one that is known. */
export interface Location {
  stack: Stack | null;
  exact: boolean;
}

export function siteOf(stack: Stack | null): CallSite | null {
  return stack?.frames[0] ?? null;
}

/** The first of the stacks that has a frame of the application; failing that, of a package. */
function firstKnown(stacks: readonly (Stack | null)[]): Stack | null {
  return stacks.find((stack) => stack !== null && stack.frames.length > 0) ?? stacks.find((stack) => stack !== null && stack.via !== null) ?? null;
}

/**
 * Where a wait was started; if that is not known, where it was awaited, where the program went on, where the connection
 * was asked for. What other code started is placed where this flow waits for it: that line can be changed.
 */
export function locateWait(wait: Wait, gap: Gap, checkout: Checkout): Location {
  const own = firstKnown(wait.foreign ? [wait.awaited, gap.ended, wait.started] : [wait.started, wait.awaited]);
  return own === null ? { stack: firstKnown([gap.ended, checkout.stack]), exact: false } : { stack: own, exact: true };
}

/** Something of which neither the kind nor the place is known is no evidence against anybody: it counts as idle time. */
export function isKnownWait({ kind, started, awaited }: Wait): boolean {
  return kind !== 'unknown' || started !== null || awaited !== null;
}

/** Idle time has no line of its own: what ended it comes right after it. Else what ran before it, right before. */
export function locateGap(gap: Gap | null, checkout: Checkout): Location {
  const own = firstKnown([gap?.ended ?? null]);
  if (own !== null) return { stack: own, exact: true };
  const before = gap === null ? undefined : lastBefore(checkout.queries, gap);
  return { stack: firstKnown([before?.stack ?? null, checkout.stack]), exact: false };
}

/** Where it was run; with `pool.query`, that is where the connection was asked for. */
export function locateQuery(query: Query, checkout: Checkout): Location {
  const own = firstKnown([query.stack, checkout.via === 'query' ? checkout.stack : null]);
  return own === null ? { stack: checkout.stack, exact: false } : { stack: own, exact: true };
}

/** The statement whose end began the gap; undefined when the gap follows the acquire. */
export function lastBefore(queries: readonly Query[], gap: Gap): Query | undefined {
  return gap.next !== undefined ? queries[gap.next - 1] : queries.findLast((query) => query.startMs <= gap.startMs);
}

/** The statement that ended the gap; undefined when the release did. */
export function firstAfter(queries: readonly Query[], gap: Gap): Query | undefined {
  if (gap.next !== undefined) return queries[gap.next];
  const endMs = gap.startMs + gap.ms - 0.0005;
  return queries.find((query) => query.startMs >= endMs);
}
