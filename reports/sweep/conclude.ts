/** From what was measured and recorded to what is said about it. Pure. */
import { DEFAULT_LIMITS } from '../limits.js';
import type { Analysis, Finding } from '../model.js';
import { percentiles } from '../summarise-pools.js';
import { toolOf } from '../tool.js';
import { decomposeHold } from '../timeline/hold.js';
import type { SweepCulprit, SweepReport, SweepRun, SweepStep, SweepVerdict, SweptPool } from './model.js';
import { findKnee, waits } from './search.js';
import { summariseSweep } from './sentences.js';

/** Connections that run SQL for less of the time in which they are held are held for something else. */
const BUSY_SHARE = 0.5;
/** Nobody blocks for so long on purpose in a service. */
const FROZEN_MS = 1000;

/** @param analysis of the traces of all steps; null when nothing was recorded. */
export function concludeSweep({ steps, ...run }: SweepRun, analysis: Analysis | null): SweepReport {
  const pool = analysis === null ? null : choosePool(analysis);
  const stopsAt = steps.find(({ stopped }) => stopped !== null)?.concurrency ?? null;
  // Above the first stop, what happens first is chance.
  const firstWaitAt = steps.find((step) => waits(step) && step.concurrency <= (stopsAt ?? Infinity))?.concurrency ?? null;
  const culprit = analysis === null ? null : ((stopsAt === firstWaitAt || firstWaitAt === null ? findFreeze(analysis) : null) ?? findCulprit(analysis));
  const isProven = analysis?.report.findings.some(({ rule }) => rule === 'pool-deadlock') ?? false;
  const deadlocksAt = isProven ? (steps.find(({ unserved }) => unserved > 0)?.concurrency ?? null) : null;
  const verdict = judgeSweep(steps, pool, firstWaitAt);
  const known = { run, verdict, pool, culprit, firstWaitAt, stopsAt, deadlocksAt, throughputStopsGrowingAt: findKnee(steps), steps };
  return { schemaVersion: 1, tool: toolOf(), ...known, ...summariseSweep(known, analysis === null ? [] : findReasons(analysis)) };
}

function judgeSweep(steps: readonly SweepStep[], pool: SweptPool | null, firstWaitAt: number | null): SweepVerdict {
  const stop = steps.find(({ stopped }) => stopped !== null);
  if (firstWaitAt === null && stop !== undefined) return stop.exhausted && pool !== null ? 'starves' : 'stops';
  if (pool === null) return 'inconclusive';
  if (firstWaitAt === null) return 'clear';
  const long = steps.some((step) => waits(step) && (step.waitP99Ms >= DEFAULT_LIMITS.starvationWaitMs || step.unserved > 0));
  return long || pool.sqlShare < BUSY_SHARE || stop !== undefined ? 'starves' : 'queues';
}

/** The pool that requests waited for the longest; without waiting, the one that was used the most. */
function choosePool({ report, timeline }: Analysis): SweptPool | null {
  const ranked = report.pools.filter(({ checkouts }) => checkouts > 0).toSorted((a, b) => b.exhaustedMs - a.exhaustedMs || b.checkouts - a.checkouts);
  const [first] = ranked;
  if (first === undefined) return null;
  let holdMs = 0;
  let sqlMs = 0;
  const holds: number[] = [];
  for (const checkout of timeline.checkouts) {
    // Of one that was never released, nobody knows how long it would have been. A service that was started again has a
    // pool of the same size each time.
    if (checkout.pool?.max !== first.max || checkout.endedMs === null || checkout.acquiredMs === null) continue;
    const hold = decomposeHold(checkout, checkout.endedMs, []);
    holds.push(hold.holdMs);
    holdMs += hold.holdMs;
    sqlMs += hold.sqlMs;
  }
  return { id: first.id, max: first.max, heldMs: percentiles(holds).p50Ms, sqlShare: holdMs > 0 ? Number((sqlMs / holdMs).toFixed(6)) : 0 };
}

function findCulprit({ report }: Analysis): SweepCulprit | null {
  const share = ({ evidence }: Finding): number => Math.round((evidence.shareOfUse ?? 0) * 20);
  // Of those that hold about as much, the one that does it each time.
  const holder = report.findings
    .filter(({ callSite, evidence, severity }) => callSite !== null && severity !== 'note' && evidence.shareOfUse !== null)
    .toSorted((a, b) => share(b) - share(a) || b.count - a.count)[0];
  if (holder?.callSite) return { callSite: holder.callSite, doing: sayDoing(holder), share: holder.evidence.shareOfUse ?? 0, of: 'held' };
  const blame = report.episodes.flatMap((episode) => episode.blame.map((one) => ({ ...one, ms: one.share * (episode.endMs - episode.startMs) })));
  const worst = blame.toSorted((a, b) => b.ms - a.ms).find(({ callSite }) => callSite !== null);
  return worst?.callSite ? { callSite: worst.callSite, doing: worst.doing, share: worst.share, of: 'waited' } : null;
}

/** What is proven of a pool from which nothing comes back, or may not come back one day. */
function findReasons({ report }: Analysis): string[] {
  const worst = (rule: Finding['rule']): Finding | undefined => report.findings.filter((finding) => finding.rule === rule).toSorted((a, b) => b.count - a.count)[0];
  const reason = worst('pool-deadlock') ?? worst('connection-leak') ?? worst('nested-checkout');
  return reason === undefined ? [] : [`${reason.title}.`];
}

/** Where the event loop hung when the service stopped answering. */
function findFreeze({ timeline }: Analysis): SweepCulprit | null {
  const blocks = timeline.recordings.flatMap(({ blocked }) => blocked).toSorted((a, b) => b.ms - a.ms);
  const callSite = blocks.find(({ ms }) => ms >= FROZEN_MS)?.stack?.frames[0];
  return callSite === undefined ? null : { callSite, doing: 'blocking the event loop', share: 1, of: 'blocked' };
}

function sayDoing({ rule, evidence }: Finding): string {
  const { awaited } = evidence.facts;
  return typeof awaited === 'string' ? `awaiting ${awaited}` : rule.replaceAll('-', ' ');
}
