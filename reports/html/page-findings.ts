import { exampleFor } from '../advice/examples.js';
import type { Analysis, CallSite, Finding, Occurrences } from '../model.js';
import { packColumn, toUs } from './columns.js';
import { at } from './element.js';
import { showSite, type ExcerptTable } from './excerpt-table.js';
import { buildPageDeep } from './page-chains.js';
import type { PageBlamedWaits, PageFinding, PageFrame, PageOccurrences } from './page-data.js';
import type { PoolGroup } from './page-pool.js';
import { visibleText } from './visible-text.js';
import { blameWaits, collectWaits, type BlamedWaits, type Waits } from './waits.js';

export const MAX_FINDINGS = 100;
/** Of more the page tells the numbers only. */
const MAX_BLAMED = 12;
const WORST_WAITS = 6;
/** Rows of occurrences in the whole page. */
const MAX_ROWS = 40_000;

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
    if (known === undefined) waits.set(group, (known = collectWaits(groups[group]?.checkouts ?? [], timeline.endMs)));
    return known;
  };
  return ranked.map((finding, rank) => {
    const seen = occurrences?.get(finding.fingerprint) ?? [];
    const holds = finding.evidence.shareOfUse !== null && rank < MAX_BLAMED;
    const blame = (holds ? seen : []).flatMap((one) => {
      const group = groups.findIndex(({ pool }) => pool === one.pool);
      if (one.pool === null || group < 0) return [];
      return [{ group, waits: waitsOf(group), blamed: blameWaits(waitsOf(group), one, one.pool.max, WORST_WAITS) }];
    });
    return { finding, occurrences: seen, blame };
  });
}

/** The checkouts that findings point at: the page has to show them. */
export function wantedCheckouts(findings: readonly BlamedFinding[], groups: readonly PoolGroup[]): Set<string> {
  const wanted = new Set<string>();
  for (const { finding, blame } of findings) {
    for (const { checkout } of finding.evidence.examples) wanted.add(checkout);
    for (const { group, waits, blamed } of blame) for (const { wait } of blamed.worst) wanted.add(groups[group]?.checkouts[at(waits.index, wait)]?.id ?? '');
  }
  return wanted;
}

/** `places`: where the wanted checkouts are in the page; `folder`: the page's, where it is known. */
export function buildPageFindings(
  findings: readonly BlamedFinding[],
  groups: readonly PoolGroup[],
  { sources, report }: Analysis,
  excerpts: ExcerptTable,
  places: ReadonlyMap<string, [pool: number, checkout: number]>,
  folder: string | undefined,
): PageFinding[] {
  const rows = Math.max(40, Math.floor(MAX_ROWS / Math.max(1, findings.reduce((sum, { occurrences }) => sum + occurrences.length, 0))));
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
      frames: finding.frames.slice(0, 20).map((site, i) => (i < 4 ? frame(site) : { site: showSite(site), excerpt: -1 })),
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
      seen: occurrences.slice(0, 200).map((one) => packOccurrences(one, groups.findIndex(({ pool }) => pool === one.pool), rows)),
      durations: addUp(occurrences.map(({ durations }) => durations)),
      waited: describeBlame(blame, groups, places),
      code: code === null ? null : { ...code, before: visibleText(code.before), after: visibleText(code.after) },
      cycle: (evidence.cycle ?? []).slice(0, 8).map(({ flows, heldPool, heldAt, wantedPool, wantedAt }) => ({ flows, heldPool, heldAt: heldAt && showSite(heldAt), wantedPool, wantedAt: wantedAt && showSite(wantedAt) })),
    };
  });
}

/** Beyond `limit` rows neighbours are put together. */
function packOccurrences(one: Occurrences, pool: number, limit: number): PageOccurrences {
  const { startMs, count, ms, maxMs, columnMs } = one.startMs.length > limit ? mergeRows(one, limit) : one;
  let before = 0;
  const start = startMs.map((time) => {
    const delta = toUs(time) - before;
    before += delta;
    return delta;
  });
  return { pool, columnUs: toUs(columnMs), rows: start.length, start: packColumn(start), count: packColumn(count), us: packColumn(ms.map(toUs)), maxUs: packColumn(maxMs.map(toUs)) };
}

function mergeRows(one: Occurrences, limit: number): Occurrences {
  const last = one.startMs.at(-1) ?? 0;
  const columnMs = Math.max((last + Math.max(one.columnMs, 0.001)) / limit, one.columnMs);
  const rows = new Map<number, [count: number, ms: number, maxMs: number]>();
  for (const [i, startMs] of one.startMs.entries()) {
    const column = Math.floor(startMs / columnMs);
    const row = rows.get(column) ?? [0, 0, 0];
    rows.set(column, [row[0] + at(one.count, i), row[1] + at(one.ms, i), Math.max(row[2], at(one.maxMs, i))]);
  }
  const columns = [...rows.keys()].toSorted((a, b) => a - b);
  const pick = (field: 0 | 1 | 2): number[] => columns.map((column) => rows.get(column)?.[field] ?? 0);
  return { ...one, columnMs, startMs: columns.map((column) => column * columnMs), count: pick(0), ms: pick(1), maxMs: pick(2) };
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
      const checkout = groups[group]?.checkouts[at(waits.index, wait)];
      const [pool, position] = places.get(checkout?.id ?? '') ?? [-1, -1];
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
