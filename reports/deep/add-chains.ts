/** Puts the chains of the deep mode under the findings that they are about. */
import type { Chain, DeepEvidence, Finding, Stack, Timeline } from '../model.js';
import { relativeTo, resolveStacks } from '../timeline/resolve-stacks.js';
import { cwdOf } from '../timeline/run-cwd.js';
import type { Sources } from '../timeline/sources.js';
import { sayPlace } from '../words.js';
import { isDeep, type DeepFile, type RawChain } from './model.js';
import type { Deep } from './read-deep.js';
import { agrees, sayCulprit, type Blamed } from './witness.js';

/** Of one finding; they are much alike. */
const SHOWN = 3;
/** Times are exact to a microsecond, and were rounded on their way. */
const ROUNDED_MS = 0.01;

interface Known {
  chain: Chain;
  waits: RawChain['waits'];
  deep: DeepFile;
}

/**
 * Adds to findings, in place, what clinic's trace says of them.
 * @param deeps by the file of their trace.
 * @returns what there is to doubt: all times, and where the two witnesses disagree.
 */
export function addChains(findings: readonly Finding[], timeline: Timeline, deeps: ReadonlyMap<string, Deep>, sources: Sources): string[] {
  if (!timeline.recordings.some(isDeep)) return [];
  const relative = relativeTo(cwdOf(timeline.recordings[0]?.header));
  const doubts = ['recorded with --deep, which makes everything take several times as long'];
  for (const [file, deep] of deeps) if (deep === 'unreadable') doubts.push(`the chains beside ${relative(file)} could not be read`);
  const known = resolveChains(timeline, deeps, sources);
  for (const finding of findings) {
    const { rule, callSite, evidence } = finding;
    if (rule !== 'await-in-transaction' || callSite === null) continue;
    const deep = describe(finding, known, relative);
    if (deep === null) continue;
    evidence.deep = deep;
    if (deep.differs > 0) doubts.push(`async_hooks does not confirm what ${sayPlace(callSite)} waits for: ${deep.says}`);
  }
  return doubts;
}

function describe({ callSite, evidence }: Finding, known: ReadonlyMap<string, readonly Known[]>, relative: (file: string) => string): DeepEvidence | null {
  if (callSite === null) return null;
  const found = evidence.examples.flatMap(({ checkout, startMs, ms }) => {
    const one = known.get(checkout)?.find(({ chain }) => startMs >= chain.startMs - ROUNDED_MS && startMs < chain.startMs + chain.ms);
    if (one === undefined) return [];
    const wait = one.waits.find((candidate) => Math.abs(candidate.startMs - startMs) < ROUNDED_MS);
    const blamed: Blamed = { site: callSite, endMs: startMs + ms, asyncId: wait?.asyncId };
    return [{ ...one, blamed, confirms: agrees(one.chain, blamed) }];
  });
  // What is doubtful comes first.
  const sorted = [...found.filter(({ confirms }) => !confirms), ...found.filter(({ confirms }) => confirms)];
  const [first] = sorted;
  if (first === undefined) return null;
  const differs = found.filter(({ confirms }) => !confirms).length;
  const { clinic, graph } = first.deep;
  return {
    agrees: found.length - differs,
    differs,
    says: sayCulprit(first.chain, first.blamed),
    clinic,
    graph: graph === null ? null : relative(graph),
    chains: sorted.slice(0, SHOWN).map(({ chain }) => chain),
  };
}

/** By the checkout's id. */
function resolveChains(timeline: Timeline, deeps: ReadonlyMap<string, Deep>, sources: Sources): Map<string, Known[]> {
  const known = new Map<string, Known[]>();
  const resolve = resolveStacks(cwdOf(timeline.recordings[0]?.header), sources);
  for (const { key, file, startMs } of timeline.recordings) {
    const deep = deeps.get(file);
    if (deep === undefined || deep === 'unreadable') continue;
    const stacks = deep.stacks.map((frames): Stack => resolve(frames));
    for (const raw of deep.chains) {
      const id = `${key}:${raw.checkout}`;
      const steps = raw.steps.map(({ stack, createdMs, ranMs, ...step }) => ({
        ...step,
        createdMs: createdMs + startMs,
        ranMs: ranMs === null ? null : ranMs + startMs,
        frames: stacks[stack]?.frames ?? [],
        via: stacks[stack]?.via ?? null,
      }));
      const waits = raw.waits.map((wait) => ({ ...wait, startMs: wait.startMs + startMs }));
      const one: Known = { chain: { checkout: id, startMs: raw.startMs + startMs, ms: raw.ms, steps }, waits, deep };
      const alike = known.get(id);
      if (alike === undefined) known.set(id, [one]);
      else alike.push(one);
    }
  }
  return known;
}
