import type { Limits } from '../limits.js';
import type { Checkout, Recording, Timeline } from '../model.js';
import { findDeadlocks, type Deadlock } from '../starvation/find-deadlocks.js';
import { findLeaks } from '../starvation/find-leaks.js';
import { findStarvation } from '../starvation/find-starvation.js';
import { findLockWaits, LOCK_WAIT_MS } from '../starvation/lock-waits.js';
import { checkoutsOf, type CheckoutList } from '../timeline/checkout-list.js';
import { decomposeHold } from '../timeline/hold.js';
import { findNesting } from '../timeline/nesting.js';
import { learnPlaces } from '../timeline/places.js';
import { endAt } from '../timeline/times.js';
import type { Context } from './rule.js';

export function openContext(timeline: Timeline, limits: Limits): Context {
  const recordingOf = findRecording(timeline);
  const endOf = (checkout: Checkout): number => checkout.endedMs ?? Math.max(recordingOf(checkout).endMs, checkout.acquiredMs ?? 0);
  const useMs = new Map([...checkoutsOf(timeline).byPool].map(([pool, checkouts]) => [pool, sumUse(checkouts, (index) => (pool?.recording ?? recordingOf(checkouts.at(index))).endMs)]));
  const blockedWithin: Context['blockedWithin'] = (checkout, startMs, endMs) => {
    let sum = 0;
    for (const block of recordingOf(checkout).blocked) {
      if (block.startMs >= endMs) break;
      sum += Math.max(0, Math.min(endMs, block.startMs + block.ms) - Math.max(startMs, block.startMs));
    }
    return sum;
  };
  const places = learnPlaces(timeline);
  const nesting = once(() => findNesting(timeline));
  const deadlocks = once(() => findDeadlocks(timeline, nesting()));
  const leaks = once(() => findLeaks({ timeline, limits, recordingOf, blockedWithin, nesting: nesting() }));
  const deadlocked = once(() => deadlockedOf(deadlocks()));
  const lockWaits = once(() => findLockWaits(timeline));
  return {
    timeline,
    limits,
    endOf,
    recordingOf,
    decompose: (checkout) => decomposeHold(checkout, endOf(checkout), recordingOf(checkout).blocked, leaks().has(checkout)),
    blocksOf: (checkout) => recordingOf(checkout).blocked,
    blockedWithin,
    useMsOf: (pool) => useMs.get(pool) ?? 0,
    places,
    occurrences: new Map(),
    unwatched: [],
    nesting,
    deadlocks,
    leaks,
    isStuck: (checkout) => leaks().has(checkout) || deadlocked().has(checkout),
    starvation: once(() => findStarvation(timeline, limits.starvationWaitMs, { places, leaks: leaks(), deadlocks: deadlocks(), lockWaitOf: (query, checkout) => (query.ms < LOCK_WAIT_MS ? null : lockWaits()(query, checkout)) })),
  };
}

/**
 * Has all checkouts made that the context knows by themselves: those that are only glanced at from now on are these very
 * objects where they are of them.
 */
export function keepStuck(context: Context): void {
  context.nesting();
  context.deadlocks();
  context.leaks();
}

function sumUse({ length, times }: CheckoutList, traceEndOf: (index: number) => number): number {
  let sum = 0;
  for (let index = 0; index < length; index += 1) {
    const fromMs = times.acquiredMs[index] as number;
    if (Number.isNaN(fromMs)) continue;
    const endMs = times.endedMs[index] as number;
    sum = sum + (Number.isNaN(endMs) ? endAt(times, index, traceEndOf(index)) : endMs) - fromMs;
  }
  return sum;
}

function deadlockedOf(deadlocks: readonly Deadlock[]): Set<Checkout> {
  const stuck = new Set<Checkout>();
  for (const { holders } of deadlocks) for (const holder of holders.keys()) stuck.add(holder);
  return stuck;
}

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** A checkout's recording: by its pool, or, of a client without one, by its id ("key:number"). */
export function findRecording(timeline: Timeline): (checkout: Checkout) => Recording {
  const byKey = new Map(timeline.recordings.map((recording) => [recording.key, recording]));
  return ({ pool, id }) => {
    const recording = pool?.recording ?? byKey.get(id.slice(0, id.lastIndexOf(':')));
    if (recording === undefined) throw new Error(`checkout ${id} belongs to none of the timeline's recordings`);
    return recording;
  };
}
