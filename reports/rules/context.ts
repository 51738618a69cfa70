import type { Limits } from '../limits.js';
import type { Checkout, Pool, Recording, Timeline } from '../model.js';
import { findStarvation, type Starvation } from '../starvation/find-starvation.js';
import { decomposeHold } from '../timeline/hold.js';
import { learnPlaces } from '../timeline/places.js';
import type { Context } from './rule.js';

export function openContext(timeline: Timeline, limits: Limits): Context {
  const recordingOf = findRecording(timeline);
  const endOf = (checkout: Checkout): number => checkout.endedMs ?? Math.max(recordingOf(checkout).endMs, checkout.acquiredMs ?? 0);
  const useMs = new Map<Pool | null, number>();
  for (const checkout of timeline.checkouts) {
    if (checkout.acquiredMs === null) continue;
    useMs.set(checkout.pool, (useMs.get(checkout.pool) ?? 0) + endOf(checkout) - checkout.acquiredMs);
  }
  const places = learnPlaces(timeline);
  let starvation: readonly Starvation[] | undefined;
  return {
    timeline,
    limits,
    endOf,
    decompose: (checkout) => decomposeHold(checkout, endOf(checkout), recordingOf(checkout).blocked),
    blocksOf: (checkout) => recordingOf(checkout).blocked,
    blockedWithin(checkout, startMs, endMs) {
      let sum = 0;
      for (const block of recordingOf(checkout).blocked) {
        if (block.startMs >= endMs) break;
        sum += Math.max(0, Math.min(endMs, block.startMs + block.ms) - Math.max(startMs, block.startMs));
      }
      return sum;
    },
    useMsOf: (pool) => useMs.get(pool) ?? 0,
    places,
    starvation: () => (starvation ??= findStarvation(timeline, limits.starvationWaitMs, places)),
  };
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
