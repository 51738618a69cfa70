import { exampleFor } from '../advice/examples.js';
import { callersOf } from '../callers.js';
import type { Analysis, CallSite, Finding, Occurrences } from '../model.js';
import { at } from './element.js';
import { showSite, type ExcerptTable } from './excerpt-table.js';
import { buildPageDeep } from './page-chains.js';
import type { PageBlamedWaits, PageFinding, PageFrame } from './page-data.js';
import { limitOccurrences, packOccurrences } from './page-occurrences.js';
import type { PoolGroup } from './page-pool.js';
import type { StringTable } from './string-table.js';
import { visibleText } from './visible-text.js';
import { listOf } from '../timeline/checkout-list.js';
import { blameWaits, collectWaits, type BlamedWaits, type Waits } from './waits.js';

export const MAX_FINDINGS = 100;
/** Of more the page tells the numbers only. */
const MAX_BLAMED = 12;
const WORST_WAITS = 6;
/** Rows of occurrences in the whole page: some 25 bytes each, with the holds in which they happened. */
const MAX_ROWS = 16_000;
/** Of how many pools a finding's occurrences are told. */
const MAX_SHEETS = 200;

/** A finding, with what it did to the requests of each pool. */
export interface BlamedFinding {
  finding: Finding;
  occurrences: readonly Occurrences[];
  blame: { group: number; waits: Waits; blamed: BlamedWaits }[];
}

/** The findings in the page's order: by share of connection time, the largest first; those without a share after them, in the report's order. */
export function blameFindings({ report, timeline, occurrences }: Analysis, groups: readonly PoolGroup[]): BlamedFinding[] {
  const ranked = report.findings.toSorted((a, b) => (b.evidence.shareOfUse ?? -1) - (a.evidence.shareOfUse ?? -1)).slice(0, MAX_FINDINGS);
  const waits = new Map<number, Waits>();
  const waitsOf = (group: number): Waits => {
    let known = waits.get(group);
    if (known === undefined) waits.set(group, (known = collectWaits(groups[group]?.checkouts ?? listOf([]), timeline.endMs)));
    return known;
  };
  const blamed = ranked.map((finding, rank) => {
    const seen = occurrences?.get(finding.fingerprint) ?? [];
    const holds = finding.evidence.shareOfUse !== null && rank < MAX_BLAMED;
    const blame = (holds ? seen : []).flatMap((one) => {
      const group = groups.findIndex(({ pool }) => pool === one.pool);
      if (one.pool === null || group < 0) return [];
      return [{ group, waits: waitsOf(group), blamed: blameWaits(waitsOf(group), one, one.pool.max, WORST_WAITS) }];
    });
    return { finding, occurrences: seen, blame };
  });
  const rows = Math.max(40, Math.floor(MAX_ROWS / Math.max(1, blamed.reduce((sum, { occurrences }) => sum + Math.min(occurrences.length, MAX_SHEETS), 0))));
  return blamed.map(({ finding, occurrences: seen, blame }) => ({ finding, blame, occurrences: seen.map((one) => limitOccurrences(one, rows)) }));
}

/** The worst of each stretch of time, which a selection of it asks for: the largest findings' first. */
export function welcomeCheckouts(findings: readonly BlamedFinding[]): Set<string> {
  return new Set(findings.flatMap(({ occurrences }) => occurrences.slice(0, MAX_SHEETS).flatMap(({ worst }) => worst.checkout)));
}

/** The checkouts that findings point at: the page has to show them. */
export function wantedCheckouts(findings: readonly BlamedFinding[], groups: readonly PoolGroup[]): Set<string> {
  const wanted = new Set<string>();
  for (const { finding, blame } of findings) {
    for (const { checkout } of finding.evidence.examples) wanted.add(checkout);
    for (const { group, waits, blamed } of blame) for (const { wait } of blamed.worst) wanted.add(groups[group]?.checkouts.idOf(at(waits.index, wait)) ?? '');
  }
  return wanted;
}

/** `places`: where the wanted checkouts are in the page; `folder`: the page's, where it is known. */
export function buildPageFindings(
  findings: readonly BlamedFinding[],
  groups: readonly PoolGroup[],
  { sources, report }: Analysis,
  excerpts: ExcerptTable,
  table: StringTable,
  places: ReadonlyMap<string, [pool: number, checkout: number]>,
  folder: string | undefined,
): PageFinding[] {
  const frame = (site: CallSite): PageFrame => ({ site: showSite(site), excerpt: excerpts.index(site) });
  return findings.map(({ finding, occurrences, blame }): PageFinding => {
    const { evidence, via } = finding;
    const code = exampleFor(finding, sources);
    return {
      rule: finding.rule,
      severity: finding.severity,
      fingerprint: finding.fingerprint,
      title: visibleText(finding.title),
      site: finding.callSite === null ? null : frame(finding.callSite),
      // Source for the nearest callers only: the rest would make the page big.
      frames: [...finding.frames.slice(0, 1), ...callersOf(finding.frames)].slice(0, 20).map((site, i) => (i < 4 ? frame(site) : { site: showSite(site), excerpt: -1 })),
      via: via === null ? null : { ...via, package: visibleText(via.package), file: visibleText(via.file), function: visibleText(via.function) },
      count: finding.count,
      totalMs: finding.totalMs,
      maxMs: finding.maxMs,
      share: evidence.shareOfUse,
      decomposition: evidence.decomposition,
      statements: evidence.statements.slice(0, 20).map((text) => visibleText(text)),
      facts: Object.entries(evidence.facts).map(([name, value]) => [visibleText(name), typeof value === 'string' ? visibleText(value) : value]),
      advice: visibleText(finding.advice, 6000),
      examples: evidence.examples.slice(0, 10).map(({ checkout, startMs, ms }) => {
        const [pool, position] = places.get(checkout) ?? [-1, -1];
        return { startMs, ms, pool, checkout: position };
      }),
      ...(evidence.deep === undefined ? {} : { deep: buildPageDeep(evidence.deep, report.run.cwd, folder) }),
      seen: occurrences.slice(0, MAX_SHEETS).map((one) => packOccurrences(one, { pool: groups.findIndex(({ pool }) => pool === one.pool), placeOf: (id) => places.get(id)?.[1] ?? -1, sharesUse: evidence.decomposition !== null }, table)),
      durations: addUp(occurrences.map(({ durations }) => durations)),
      waited: describeBlame(blame, groups, places),
      code: code === null ? null : { ...code, before: visibleText(code.before), after: visibleText(code.after) },
      cycle: (evidence.cycle ?? []).slice(0, 8).map(({ flows, heldPool, heldAt, wantedPool, wantedAt }) => ({ flows, heldPool, heldAt: heldAt && showSite(heldAt), wantedPool, wantedAt: wantedAt && showSite(wantedAt) })),
    };
  });
}

function addUp(lists: readonly (readonly number[])[]): number[] {
  const [first = [], ...rest] = lists;
  return first.map((value, i) => rest.reduce((sum, list) => sum + at(list, i), value));
}

function describeBlame(blame: BlamedFinding['blame'], groups: readonly PoolGroup[], places: ReadonlyMap<string, [number, number]>): PageBlamedWaits | null {
  const requests = blame.reduce((sum, { blamed }) => sum + blamed.requests, 0);
  if (requests === 0) return null;
  const ms = blame.reduce((sum, { blamed }) => sum + blamed.ms, 0);
  const worst = blame.flatMap(({ group, waits, blamed }) =>
    blamed.worst.map(({ wait, ms: blamedMs }) => {
      const [pool, position] = places.get(groups[group]?.checkouts.idOf(at(waits.index, wait)) ?? '') ?? [-1, -1];
      return { pool, checkout: position, startMs: at(waits.startMs, wait), ms: at(waits.ms, wait), share: blamedMs / at(waits.ms, wait) };
    }),
  );
  return {
    requests,
    ms,
    share: Math.min(1, ms / blame.reduce((sum, { waits }) => sum + waits.totalMs, 0)),
    worst: worst.toSorted((a, b) => b.ms * b.share - a.ms * a.share).slice(0, WORST_WAITS),
  };
}
