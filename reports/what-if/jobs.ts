/** From recorded checkouts to what a simulation plays. */
import { DEFAULT_LIMITS } from '../limits.js';
import type { Analysis, Checkout, Finding, Pool, Timeline } from '../model.js';
import { openContext } from '../rules/context.js';
import { RULES } from '../rules/index.js';
import type { Rule } from '../rules/rule.js';
import { percentiles } from '../summarise-pools.js';
import { siteOf } from '../timeline/locate.js';
import type { Job } from './model.js';

export interface RecordedJob extends Job {
  endedMs: number;
  waitMs: number;
}

/** The checkouts of a pool, by request. What was never released is held to the end of the trace; what never got a connection, for as long as half of the others. */
export function recordedJobs(timeline: Timeline, pool: Pool, movedMs: ReadonlyMap<Checkout, number> = new Map()): RecordedJob[] {
  const own = timeline.checkouts.filter((checkout) => checkout.pool === pool);
  const endOf = ({ endedMs, acquiredMs, requestedMs }: Checkout): number => endedMs ?? Math.max(pool.recording.endMs, acquiredMs ?? requestedMs);
  const usual = percentiles(own.flatMap((checkout) => (checkout.acquiredMs === null || checkout.endedMs === null ? [] : [checkout.endedMs - checkout.acquiredMs]))).p50Ms;
  return own.map((checkout) => {
    const { requestedMs, acquiredMs } = checkout;
    const holdMs = acquiredMs === null ? usual : endOf(checkout) - acquiredMs;
    return { requestedMs, holdMs, movedMs: Math.min(holdMs, movedMs.get(checkout) ?? 0), endedMs: endOf(checkout), waitMs: (acquiredMs ?? endOf(checkout)) - requestedMs };
  });
}

/** How much of each hold these findings account for. */
export function timeOf({ timeline, limits = DEFAULT_LIMITS }: Analysis, findings: readonly Finding[]): Map<Checkout, number> {
  const wanted = new Set(findings.map(({ rule, callSite }) => keyOf(rule, callSite)));
  const context = openContext(timeline, limits);
  const times = new Map<Checkout, number>();
  for (const rule of RULES as readonly Rule[]) {
    if (!findings.some((finding) => finding.rule === rule.id)) continue;
    for (const { checkout, ms, stack } of rule.offences(context)) {
      if (wanted.has(keyOf(rule.id, siteOf(stack)))) times.set(checkout, (times.get(checkout) ?? 0) + ms);
    }
  }
  return times;
}

function keyOf(rule: string, site: { file: string; line: number } | null): string {
  return site === null ? rule : `${rule} ${site.file}:${site.line}`;
}
