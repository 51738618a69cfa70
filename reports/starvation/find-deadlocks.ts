import { lastAtOrBefore } from '../binary-search.js';
import type { Checkout, CycleStep, Pool, Timeline } from '../model.js';
import { checkoutsOf } from '../timeline/checkout-list.js';
import { siteOf } from '../timeline/locate.js';
import type { Nesting } from '../timeline/nesting.js';
import type { Places } from '../timeline/places.js';
import { poolSeries } from '../timeline/pool-series.js';

/** All connections of some pools are held by flows each of which waits for one more of them: nobody can go on. */
export interface Deadlock {
  startMs: number;
  endMs: number;
  /** True: requests timed out, which broke it. False: it lasted to the end of the trace. */
  timedOut: boolean;
  /** The first one is that of the request that closed the circle. */
  pools: Pool[];
  /** Each holder, with the request that its flow waits for. */
  holders: Map<Checkout, Nesting>;
  /** Requests in vain, each once. */
  members: Nesting[];
  /** Flows in the circle. */
  flows: number;
  /** Other requests that waited behind them. */
  behind: number;
  depth: number;
}

/** A request that is served this soon was not waiting. */
const WAITED_MS = 1;
/** What the end of the trace cuts off sooner may have been about to go on. */
const LASTING_MS = 100;
const BEFORE_MS = 0.001;

type NestingOf = ReadonlyMap<Checkout, readonly Nesting[]>;

/** All deadlocks, by start. Proven by what followed: none of the holders let go, none of the waiters was served. */
export function findDeadlocks(timeline: Timeline, nesting: NestingOf): Deadlock[] {
  const waiting = [...nesting.values()].flat().filter(({ inner }) => servedMs(inner) - inner.requestedMs >= WAITED_MS);
  if (waiting.length === 0) return [];
  const holdersAt = sweepHolders(timeline, new Set(waiting.map(({ inner }) => inner.pool)));
  const found: Deadlock[] = [];
  for (const request of waiting.toSorted((a, b) => a.inner.requestedMs - b.inner.requestedMs)) {
    const { pool, requestedMs } = request.inner;
    if (pool === null || pool.max < 1 || found.some(({ pools, endMs }) => endMs > requestedMs && pools.includes(pool))) continue;
    const circle = closeCircle(pool, requestedMs, holdersAt, nesting);
    const deadlock = circle === null ? null : prove(circle, requestedMs, timeline);
    if (deadlock !== null) found.push(deadlock);
  }
  return found;
}

/** When a request stopped waiting, with a connection or without. */
function servedMs({ acquiredMs, endedMs }: Checkout): number {
  return acquiredMs ?? endedMs ?? Infinity;
}

/** Who holds the connections of a pool; to be asked in the order of time. */
function sweepHolders(timeline: Timeline, pools: ReadonlySet<Pool | null>): (pool: Pool, ms: number) => Checkout[] {
  const { byPool } = checkoutsOf(timeline);
  const acquired: Checkout[] = [];
  for (const pool of pools) for (const checkout of byPool.get(pool) ?? []) if (checkout.acquiredMs !== null) acquired.push(checkout);
  acquired.sort((a, b) => (a.acquiredMs ?? 0) - (b.acquiredMs ?? 0));
  const held = new Map<Pool | null, Set<Checkout>>([...pools].map((pool) => [pool, new Set<Checkout>()]));
  let next = 0;
  return (pool, ms) => {
    for (; next < acquired.length; next += 1) {
      const checkout = acquired[next] as Checkout;
      if ((checkout.acquiredMs ?? 0) > ms) break;
      held.get(checkout.pool)?.add(checkout);
    }
    const of = held.get(pool) ?? new Set<Checkout>();
    for (const checkout of of) if ((checkout.endedMs ?? Infinity) <= ms) of.delete(checkout);
    return [...of];
  };
}

interface Circle {
  pools: Pool[];
  holders: Map<Checkout, Nesting>;
}

/** All that a request for a connection depends on, if none of it can go on; else null. */
function closeCircle(first: Pool, ms: number, holdersAt: (pool: Pool, ms: number) => Checkout[], nesting: NestingOf): Circle | null {
  const pools = new Set([first]);
  const holders = new Map<Checkout, Nesting>();
  for (const pool of pools) {
    const held = holdersAt(pool, ms);
    if (held.length < pool.max) return null;
    for (const holder of held) {
      const wanted = wantedBy(holder, ms, nesting);
      if (wanted === null || wanted.inner.pool === null) return null;
      holders.set(holder, wanted);
      pools.add(wanted.inner.pool);
    }
  }
  return { pools: [...pools], holders };
}

/** The request that a holder's flow waits for at a time, it or a connection that it holds further in. */
function wantedBy(holder: Checkout, ms: number, nesting: NestingOf): Nesting | null {
  for (const nested of nesting.get(holder) ?? []) {
    const { inner } = nested;
    if (inner.requestedMs > ms) continue;
    if (servedMs(inner) > ms) return nested;
    const deeper = (inner.endedMs ?? Infinity) > ms ? wantedBy(inner, ms, nesting) : null;
    if (deeper !== null) return deeper;
  }
  return null;
}

function prove({ pools, holders }: Circle, startMs: number, timeline: Timeline): Deadlock | null {
  const members = [...new Set(holders.values())];
  const releasedMs = Math.min(...[...holders.keys()].map(({ endedMs }) => endedMs ?? Infinity));
  const brokenMs = Math.min(...members.map(({ inner }) => servedMs(inner)));
  const timedOut = members.some(({ inner }) => inner.acquiredMs === null && inner.endedMs === brokenMs);
  if (Math.min(releasedMs, brokenMs) < Infinity && !(timedOut && brokenMs <= releasedMs)) return null;
  const recordedMs = Math.max(...pools.map(({ recording }) => recording.endMs));
  const endMs = timedOut ? brokenMs : recordedMs;
  if (!timedOut && endMs - startMs < LASTING_MS) return null;
  const pending = pools.reduce((sum, pool) => sum + pendingBefore(timeline, pool, timedOut ? endMs : Infinity), 0);
  return {
    startMs,
    endMs,
    timedOut,
    pools,
    holders,
    members,
    flows: new Set(members.map(({ inner }) => rootOf(inner))).size,
    behind: Math.max(0, pending - members.length),
    depth: Math.max(...members.map(({ depth }) => depth)),
  };
}

function pendingBefore(timeline: Timeline, pool: Pool, ms: number): number {
  const { atMs, pending } = poolSeries(timeline, pool);
  return pending[lastAtOrBefore(atMs, ms - BEFORE_MS)] ?? 0;
}

function rootOf(checkout: Checkout): Checkout {
  let root = checkout;
  while (root.inside !== null) root = root.inside;
  return root;
}

/** The circle by places, the most flows first. */
export function describeCycle({ holders }: Deadlock, places: Places): CycleStep[] {
  const steps = new Map<string, CycleStep>();
  for (const [holder, nesting] of holders) {
    const { inner } = nesting;
    if (holder.pool === null || inner.pool === null) continue;
    const [heldAt, wantedAt] = [siteOf(places.ofCheckout(holder).stack), siteOf(places.ofNested(nesting).stack)];
    const key = JSON.stringify([holder.pool.id, heldAt?.file, heldAt?.line, inner.pool.id, wantedAt?.file, wantedAt?.line]);
    const step = steps.get(key);
    if (step === undefined) steps.set(key, { flows: 1, heldPool: holder.pool.id, heldAt, wantedPool: inner.pool.id, wantedAt });
    else step.flows += 1;
  }
  return [...steps.values()].toSorted((a, b) => b.flows - a.flows);
}
