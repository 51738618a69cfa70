import type { WaitKind } from '../../probes/trace/events.js';
import type { Limits } from '../limits.js';
import type { Checkout, Recording, Stack, Timeline, Wait } from '../model.js';
import { checkoutsOf, type CheckoutList } from '../timeline/checkout-list.js';
import { missingEvents } from '../missing-events.js';
import { isHolderOn, stillHolds } from '../timeline/flows.js';
import { siteOf } from '../timeline/locate.js';
import type { Nesting } from '../timeline/nesting.js';
import { purposeOf } from '../timeline/purpose.js';
import { select, TRAIT } from '../timeline/select.js';

/** A connection that nobody used any more and nobody gave back. */
export interface Leak {
  checkout: Checkout;
  /** The last sign of use. */
  sinceMs: number;
  endMs: number;
  /** The process has ended by itself, so nobody can give it back any more; else it only looks lost. */
  isCertain: boolean;
}

export interface LeakSources {
  timeline: Timeline;
  limits: Limits;
  recordingOf: (checkout: Checkout) => Recording;
  blockedWithin: (checkout: Checkout, startMs: number, endMs: number) => number;
  nesting: ReadonlyMap<Checkout, readonly Nesting[]>;
}

/** Much longer than usual: so many times the longest hold of the same place that ended. */
const UNUSUAL = 3;
/** The same where something speaks against it: a wait that may still go on. */
const VERY_UNUSUAL = 10;
const UNKNOWN = 2;
/** So many holds make a usual length. */
const FEW = 3;
/** Where the stacks show that the flow went on without it, no time need pass to show that. */
const MOVED_ON_MS = 50;

/**
 * Connections that were open when their trace ended, and not because something was under way: a process that is killed or
 * that exits in the middle of its work leaks nothing. Neither does a client without a pool, a LISTEN or a session's lock.
 */
export function findLeaks(sources: LeakSources): Map<Checkout, Leak> {
  const { timeline, recordingOf } = sources;
  const leaks = new Map<Checkout, Leak>();
  const open = select(timeline, TRAIT.open).filter((checkout) => isOpen(checkout) && !isUnderWay(checkout, sources));
  if (open.length === 0) return leaks;
  const usual = learnUsual(timeline);
  const movedOn = findMovedOn(timeline, open);
  for (const checkout of open) {
    const leak = judge(checkout, usual, movedOn.has(checkout), sources);
    if (leak !== null) leaks.set(checkout, leak);
  }
  // An end that was dropped from the trace, or cannot be read, makes a hold look open.
  for (const recording of timeline.recordings) {
    const missing = missingEvents(recording);
    if (missing === 0) continue;
    const own = [...leaks.keys()].filter((checkout) => recordingOf(checkout) === recording);
    if (own.length <= missing) for (const checkout of own) leaks.delete(checkout);
  }
  return leaks;
}

function isOpen({ endedMs, acquiredMs, via, pool }: Checkout): boolean {
  return endedMs === null && acquiredMs !== null && via === 'connect' && pool !== null;
}

function isUnderWay(checkout: Checkout, { nesting }: LeakSources): boolean {
  if (checkout.queries.some(({ status }) => status === null)) return true;
  if (nesting.get(checkout)?.some(({ inner }) => inner.endedMs === null) === true) return true;
  return purposeOf(checkout) !== null;
}

interface Usual {
  maxMs: number;
  count: number;
}

/** How long holds take that end, by the place of their request; what has no such place by its pool. */
function learnUsual(timeline: Timeline): (checkout: Checkout) => Usual {
  const usual = new Map<string, Usual>();
  for (const [pool, own] of checkoutsOf(timeline).byPool) {
    for (const [stack, { maxMs, count }] of learnByStack(own)) for (const key of keysOf({ pool, stack })) add(usual, key, maxMs, count);
  }
  return (checkout) => keysOf(checkout).map((key) => usual.get(key)).find((known) => known !== undefined) ?? { maxMs: 0, count: 0 };
}

/** Stacks are shared by the checkouts of one place: that is faster to tell than their places' names. */
function learnByStack(checkouts: CheckoutList): Map<Stack | null, Usual> {
  const usual = new Map<Stack | null, Usual>();
  const { acquiredMs, endedMs } = checkouts.times;
  for (let index = 0; index < checkouts.length; index += 1) {
    const useMs = (endedMs[index] as number) - (acquiredMs[index] as number);
    if (!Number.isNaN(useMs) && checkouts.viaOf(index) === 'connect') add(usual, checkouts.stackOf(index), useMs, 1);
  }
  return usual;
}

function add<Key>(usual: Map<Key, Usual>, key: Key, maxMs: number, count: number): void {
  const known = usual.get(key);
  if (known === undefined) usual.set(key, { maxMs, count });
  else {
    known.maxMs = Math.max(known.maxMs, maxMs);
    known.count += count;
  }
}

function keysOf({ stack, pool }: Pick<Checkout, 'stack' | 'pool'>): string[] {
  const site = siteOf(stack);
  const byPool = pool?.id ?? '';
  return site === null ? [byPool] : [`${byPool} ${site.file}:${site.line}`, byPool];
}

/** Holds whose flow asked for another connection afterwards, when the function that had the first one was over. */
function findMovedOn(timeline: Timeline, open: readonly Checkout[]): Set<Checkout> {
  const candidates = new Set(open);
  const found = new Set<Checkout>();
  for (const checkout of select(timeline, TRAIT.nested)) {
    const { inside, endedMs } = checkout;
    if (inside !== null && endedMs !== null && candidates.has(inside) && !stillHolds(inside, checkout)) found.add(inside);
  }
  return found;
}

function judge(checkout: Checkout, usualOf: (checkout: Checkout) => Usual, hasMovedOn: boolean, sources: LeakSources): Leak | null {
  const { limits, recordingOf, blockedWithin } = sources;
  const { complete: ended, exitCode, endMs } = recordingOf(checkout);
  // A recording that was stopped says nothing of what the program went on to do.
  const complete = ended && exitCode !== null;
  const acquiredMs = checkout.acquiredMs ?? endMs;
  const sinceMs = lastUse(checkout, acquiredMs, sources.nesting);
  const unusedMs = endMs - sinceMs - blockedWithin(checkout, sinceMs, endMs);
  // One that was in use for long, on and off, is kept on purpose.
  if (unusedMs < sinceMs - acquiredMs) return null;
  const usual = usualOf(checkout);
  const isPending = mayStillWait(checkout);
  // Where nothing was ever given back, there is nothing to compare with.
  const openMs = usual.count === 0 ? limits.leakMs * UNKNOWN : limits.leakMs;
  const limitMs = isPending ? limits.leakPendingMs : complete ? limits.leakAtExitMs : openMs;
  const isLost = isPending
    ? usual.count >= FEW && unusedMs >= Math.max(limitMs, VERY_UNUSUAL * usual.maxMs)
    : unusedMs >= Math.max(limitMs, UNUSUAL * usual.maxMs) || (complete && hasMovedOn && unusedMs >= Math.max(MOVED_ON_MS, VERY_UNUSUAL * usual.maxMs));
  return isLost ? { checkout, sinceMs, endMs, isCertain: complete && !isPending } : null;
}

function lastUse(checkout: Checkout, acquiredMs: number, nesting: LeakSources['nesting']): number {
  let lastMs = acquiredMs;
  for (const { startMs, ms } of checkout.queries) lastMs = Math.max(lastMs, startMs + ms);
  for (const { inner } of nesting.get(checkout) ?? []) lastMs = Math.max(lastMs, inner.endedMs ?? lastMs);
  // One that the server closed is no connection any more; its place in the pool is lost only if nobody gives it back from then on.
  const { connection } = checkout;
  return connection === null || connection.error === null ? lastMs : Math.max(lastMs, connection.closedMs ?? lastMs);
}

/** What a program waits for by itself; timers and sockets are also what a server has anyway, whoever's flow they seem to be in. */
const OWN_WAITS: ReadonlySet<WaitKind> = new Set(['http', 'dns', 'file', 'child-process', 'worker', 'crypto', 'zlib', 'checkout', 'query']);

/** Whether the last thing that was seen is a wait of the function that holds the connection, and may go on. */
function mayStillWait(checkout: Checkout): boolean {
  if (lastWaits(checkout).some(({ started, kind }) => isHolderOn(checkout, started) ?? OWN_WAITS.has(kind))) return true;
  // A flow that held a connection before has its waits noted there.
  for (let outer = checkout.inside; outer !== null; outer = outer.inside) {
    if (lastWaits(outer).some(({ started }) => isHolderOn(checkout, started) === true)) return true;
  }
  return false;
}

/** What an open gap may still wait for. */
function lastWaits({ gaps }: Checkout): Wait[] {
  const gap = gaps.at(-1);
  if (gap?.open !== true) return [];
  const endMs = gap.startMs + gap.ms;
  return gap.waits.filter((wait) => wait.startMs + wait.ms >= endMs - 1);
}
