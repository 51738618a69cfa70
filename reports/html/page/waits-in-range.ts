import { at } from '../element.js';
import { heldUntil } from '../held-until.js';
import type { PageBlamedWaits, PageFinding, PageOccurrences } from '../page-data.js';
import { LEAST_SHARE, QUEUED_MS } from '../wait-limits.js';
import type { PoolModel } from './model.js';
import { unpackOccurrences } from './occurrence-rows.js';

const WORST = 6;

export interface WaitsInRange {
  requests: number;
  ms: number;
  worst: PageBlamedWaits['worst'];
  /** The page holds a part of the requests only. */
  isSample: boolean;
}

/** The requests that waited between two moments, at least in part, because of a finding: of each the whole wait. */
export function waitsWithin(finding: PageFinding, pools: readonly PoolModel[], fromMs: number, toMs: number): WaitsInRange {
  const result: WaitsInRange = { requests: 0, ms: 0, worst: [], isSample: false };
  for (const seen of finding.seen) {
    const pool = pools[seen.pool];
    if (pool === undefined || pool.page.max <= 0) continue;
    if (pool.page.timeline.shown < pool.page.timeline.total) result.isSample = true;
    const held = heldOf(seen);
    for (let i = 0; i < pool.count; i++) {
      const [requested, acquired] = [at(pool.requested, i), at(pool.acquired, i)];
      if (requested > toMs) break;
      const wait = acquired - requested;
      if (wait < QUEUED_MS || acquired < fromMs) continue;
      const ms = Math.min(wait, (held(acquired) - held(requested)) / pool.page.max);
      if (ms < wait * LEAST_SHARE) continue;
      result.requests++;
      result.ms += ms;
      result.worst.push({ pool: seen.pool, checkout: i, startMs: requested, ms: wait, share: ms / wait });
    }
  }
  result.worst = result.worst.toSorted((a, b) => b.ms * b.share - a.ms * a.share).slice(0, WORST);
  return result;
}

const known = new WeakMap<PageOccurrences, ReturnType<typeof heldUntil>>();

function heldOf(seen: PageOccurrences): ReturnType<typeof heldUntil> {
  let held = known.get(seen);
  if (held === undefined) known.set(seen, (held = heldUntil(unpackOccurrences(seen))));
  return held;
}
