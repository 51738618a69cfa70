/** What each finding cost in parts of a run: its noise. */
import { DEFAULT_LIMITS } from '../limits.js';
import type { Analysis, CallSite, Finding, Timeline } from '../model.js';
import { openContext } from '../rules/context.js';
import { RULES } from '../rules/index.js';
import type { Rule } from '../rules/rule.js';
import { siteOf } from '../timeline/locate.js';

const PARTS = 16;
/** A part of fewer checkouts is chance alone. */
const LEAST_CHECKOUTS = 5;

/** Milliseconds a checkout in each part of the run, by finding; empty when the run is too short, or nobody can tell. */
export type FindingParts = (finding: Finding) => number[];

export function partFindings({ timeline, limits = DEFAULT_LIMITS }: Analysis): FindingParts {
  const starts = partStarts(timeline);
  const counts = countIn(starts, timeline);
  const sums = new Map<string, Float64Array>();
  const context = openContext(timeline, limits);
  for (const rule of RULES as readonly Rule[]) {
    for (const { checkout, ms, stack } of rule.offences(context)) {
      const key = keyOf(rule.id, siteOf(stack));
      let parts = sums.get(key);
      if (parts === undefined) sums.set(key, (parts = new Float64Array(starts.length)));
      const part = partAt(starts, checkout.requestedMs);
      parts[part] = (parts[part] ?? 0) + ms;
    }
  }
  return ({ rule, callSite }) => {
    const parts = sums.get(keyOf(rule, callSite));
    return parts === undefined ? [] : [...parts].map((ms, index) => ms / Math.max(1, counts[index] ?? 0));
  };
}

/** A finding that is not in a run cost nothing in all of its parts. */
export function partsOfNothing(timeline: Timeline): number[] {
  return partStarts(timeline).map(() => 0);
}

function keyOf(rule: string, site: CallSite | null): string {
  return site === null ? rule : `${rule} ${site.file}:${site.line}`;
}

/** When the parts begin; they have the same number of checkouts. */
function partStarts({ checkouts }: Timeline): number[] {
  const parts = Math.min(PARTS, Math.floor(checkouts.length / LEAST_CHECKOUTS));
  return Array.from({ length: parts }, (_, part) => checkouts[Math.floor((part * checkouts.length) / parts)]?.requestedMs ?? 0);
}

function partAt(starts: readonly number[], ms: number): number {
  return Math.max(0, starts.findLastIndex((start) => start <= ms));
}

function countIn(starts: readonly number[], { checkouts }: Timeline): number[] {
  const counts = starts.map(() => 0);
  for (const { requestedMs } of checkouts) {
    const part = partAt(starts, requestedMs);
    if (part < counts.length) counts[part] = (counts[part] ?? 0) + 1;
  }
  return counts;
}
