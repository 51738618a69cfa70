import { partitionPoint } from '../binary-search.js';
import type { CallSite, Checkout, Gap, Stack } from '../model.js';

/**
 * The function that has a connection in its hands: the innermost one on both the stack of the request and that of a
 * statement. A helper that only fetched the connection has returned by then.
 */
export function holderOf(checkout: Checkout): CallSite | null {
  const frames = checkout.stack?.frames ?? [];
  const users = usersOf(checkout);
  return frames.find((frame) => users.has(nameOf(frame))) ?? frames[0] ?? null;
}

/** The functions on the stack of the last statement whose stack is known. */
function usersOf({ queries }: Checkout): Set<string> {
  const used = queries.findLast((query) => (query.stack?.frames.length ?? 0) > 0)?.stack ?? null;
  return new Set((used?.frames ?? []).map(nameOf));
}

/**
 * Whether the function that holds the connection still runs (or awaits) in a stack. Where it stands at the very place
 * at which it asked for the connection, it was called anew; unless it called what used the connection (it awaits a library
 * there, which asked for the connection and calls it back with that). Null: not to be told.
 */
export function isHolderOn(checkout: Checkout, stack: Stack | null): boolean | null {
  const holder = holderOf(checkout);
  if (holder === null || stack === null || stack.frames.length === 0) return null;
  const name = nameOf(holder);
  const index = stack.frames.findIndex((frame) => nameOf(frame) === name);
  const frame = stack.frames[index];
  if (frame === undefined) return false;
  if (frame.line !== holder.line || frame.column !== holder.column) return true;
  const users = usersOf(checkout);
  return stack.frames.slice(0, index).some((inner) => users.has(nameOf(inner)));
}

/**
 * Whether the flow that asked for `inner` had `outer` still in its hands, as the trace says. It has, if it used or released
 * it later. A connection that was lost is "held" by whatever the program does next: there the stack decides.
 */
export function stillHolds(outer: Checkout, inner: Checkout): boolean {
  if (outer.endedMs !== null) return true;
  if ((outer.queries.at(-1)?.startMs ?? -Infinity) > inner.requestedMs) return true;
  return isHolderOn(outer, inner.stack) ?? inner.endedMs === null;
}

/** The first of a checkout's gaps that ends after a time; its index, or their number when there is none. */
export function firstGapAfter({ gaps }: Checkout, ms: number): number {
  return partitionPoint(gaps.length, (index) => {
    const gap = gaps[index] as Gap;
    return gap.startMs + gap.ms <= ms;
  });
}

/** Whether the innermost place of one of the stacks is on the other. */
export function isOnWay(a: Stack | null, b: Stack | null): boolean {
  const holds = (stack: Stack | null, site: CallSite | null): boolean =>
    site !== null && stack?.frames.some(({ file, line }) => file === site.file && line === site.line) === true;
  return holds(b, a?.frames[0] ?? null) || holds(a, b?.frames[0] ?? null);
}

function nameOf({ file, function: name }: CallSite): string {
  return `${file}#${name}`;
}
