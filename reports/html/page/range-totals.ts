import { DURATION_EDGES_MS } from '../../durations.js';
import { at } from '../element.js';
import type { PageData } from '../page-data.js';
import { ACTIVITY_KINDS, describeWait, sayWaitRow, siteOf, type ActivityKind, type ActivityTotal } from './activity.js';
import { textOf, type PoolModel } from './model.js';
import { addBins, emptyBins, partOfBucket, type RestRows } from './rest-rows.js';

/** What is not drawn one by one is known by its sums: these make numbers of a part of the run rough, by less than the width of two buckets. */
export interface RangeTotals {
  checkouts: number;
  waited: number;
  longestWaitMs: number;
  heldMs: number;
  byKind: Record<ActivityKind, number>;
  /** What held connections the longest, and where; at most `limit`. */
  top: ActivityTotal[];
}

/** Time of one kind, statement or wait, and stack; `row` is one of its rows. */
interface Group {
  kind: ActivityKind;
  row: number;
  ms: number;
  count: number;
}

/** What the checkouts did between two moments. Works on numbers; only the winners get words. */
export function totalRange(data: PageData, pool: PoolModel, fromMs: number, toMs: number, limit: number): RangeTotals {
  const result: RangeTotals = { checkouts: 0, waited: 0, longestWaitMs: 0, heldMs: 0, byKind: { sql: 0, await: 0, idle: 0, held: 0 }, top: [] };
  const queries = new Map<number, Group>();
  const waits = new Map<number, Group>();
  const inside = (start: number, ms: number): number => Math.max(0, Math.min(start + ms, toMs) - Math.max(start, fromMs));
  const add = (groups: Map<number, Group>, key: number, kind: ActivityKind, row: number, ms: number): void => {
    result.byKind[kind] += ms;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { kind, row, ms, count: 1 });
    else {
      group.ms += ms;
      group.count++;
    }
  };
  const stacks = data.stacks.length + 1;
  const strings = data.strings.length + 1;
  for (let i = 0; i < pool.count; i++) {
    const [requested, acquired, ended] = [at(pool.requested, i), at(pool.acquired, i), at(pool.ended, i)];
    if (requested > toMs) break;
    if (ended < fromMs) continue;
    result.checkouts++;
    if (inside(requested, acquired - requested) > 1) {
      result.waited++;
      result.longestWaitMs = Math.max(result.longestWaitMs, acquired - requested);
    }
    if (pool.lane[i] === -1) continue;
    const held = inside(acquired, ended - acquired);
    result.heldMs += held;
    const before = result.byKind.sql + result.byKind.await + result.byKind.idle;
    let heldWaits = 0;
    for (let q = at(pool.queryFrom, i); q < at(pool.queryFrom, i + 1); q++) {
      const ms = inside(at(pool.query.start, q), at(pool.query.ms, q));
      if (ms > 0) add(queries, (at(pool.query.statement, q) + 1) * stacks + at(pool.query.stack, q) + 1, 'sql', q, ms);
    }
    for (let g = at(pool.gapFrom, i); g < at(pool.gapFrom, i + 1); g++) {
      const open = pool.gap.inTransaction[g] === 1;
      let rest = inside(at(pool.gap.start, g), at(pool.gap.ms, g));
      for (let w = at(pool.waitFrom, g); w < at(pool.waitFrom, g + 1); w++) {
        const ms = inside(at(pool.wait.start, w), at(pool.wait.ms, w));
        if (ms === 0) continue;
        rest -= ms;
        if (!open) heldWaits += ms;
        const place = at(pool.wait.awaited, w) >= 0 ? at(pool.wait.awaited, w) : at(pool.wait.started, w);
        const key = (((at(pool.wait.kind, w) * 2 + (open ? 1 : 0)) * 2 + at(pool.wait.foreign, w)) * strings + at(pool.wait.detail, w) + 1) * stacks + place + 1;
        add(waits, key, open ? 'await' : 'held', w, ms);
      }
      if (open && rest > 0) result.byKind.idle += rest;
    }
    result.byKind.held += Math.max(0, held - heldWaits - (result.byKind.sql + result.byKind.await + result.byKind.idle - before));
  }
  const named: NamedGroup[] = [
    ...[...queries.values()].map((group) => ({ group, text: `running ${textOf(data, at(pool.query.statement, group.row))}`, site: siteOf(data, at(pool.query.stack, group.row)) })),
    ...[...waits.values()].map((group) => ({ group, text: sayWaitRow(data, pool, group.row), site: siteOf(data, at(pool.wait.awaited, group.row), at(pool.wait.started, group.row)) })),
  ];
  if (pool.rest !== null) {
    addRest(result, pool.rest, fromMs, toMs);
    named.push(...nameRest(data, pool.rest, fromMs, toMs));
  }
  result.top = addAlike(named).slice(0, limit);
  return result;
}

function addRest(result: RangeTotals, rest: RestRows, fromMs: number, toMs: number): void {
  const waits = emptyBins();
  addBins(waits, 'wait', rest, fromMs, toMs);
  result.checkouts = Math.round(result.checkouts + waits.reduce((sum, n) => sum + n, 0));
  result.waited = Math.round(result.waited + waits.reduce((sum, n, bin) => sum + (at(DURATION_EDGES_MS, bin - 1) >= 1 ? n : 0), 0));
  for (let bucket = 0; bucket < rest.buckets; bucket++) {
    const part = partOfBucket(rest, bucket, fromMs, toMs);
    if (part === 0) continue;
    for (const kind of ACTIVITY_KINDS) {
      const ms = at(rest.kinds[kind], bucket) * part;
      result.byKind[kind] += ms;
      result.heldMs += ms;
    }
  }
}

interface NamedGroup {
  group: Pick<Group, 'kind' | 'ms' | 'count'>;
  text: string;
  site: ActivityTotal['site'];
}

function nameRest(data: PageData, { groups, times, ...rest }: RestRows, fromMs: number, toMs: number): NamedGroup[] {
  const sums = new Map<number, number>();
  for (let row = 0; row < times.group.length; row++) {
    const part = partOfBucket({ groups, times, ...rest }, at(times.bucket, row), fromMs, toMs);
    if (part > 0) sums.set(at(times.group, row), (sums.get(at(times.group, row)) ?? 0) + at(times.ms, row) * part);
  }
  // Those without any time in the range, too: they tell that their like happens at other places.
  return Array.from(groups.kind, (_, g) => {
    const ms = sums.get(g) ?? 0;
    const detail = textOf(data, at(groups.text, g));
    const text = groups.wait[g] === -1 ? `running ${detail}` : describeWait(at(groups.wait, g), detail, groups.foreign[g] === 1);
    return { group: { kind: ACTIVITY_KINDS[at(groups.kind, g)] ?? 'held', ms, count: 0 }, text, site: siteOf(data, at(groups.stack, g)) };
  });
}

/** Several stacks can lead to one line. Longest first. */
function addAlike(named: readonly NamedGroup[]): ActivityTotal[] {
  const totals = new Map<string, ActivityTotal>();
  for (const { group, text, site } of named) {
    const key = `${group.kind}\n${text}\n${site?.file}:${site?.line}`;
    const total = totals.get(key) ?? { kind: group.kind, text, site, ms: 0, count: 0, knownMs: 0 };
    total.ms += group.ms;
    total.count += group.count;
    if (site !== null) total.knownMs += group.ms;
    totals.set(key, total);
  }
  return joinUnknown([...totals.values()]).filter(({ ms }) => ms > 0).toSorted((a, b) => b.ms - a.ms);
}

/** Call sites are sampled. What has none joins its like, when there is but one place where its like happens; `knownMs` tells. */
function joinUnknown(totals: ActivityTotal[]): ActivityTotal[] {
  return totals.filter((total) => {
    if (total.site !== null) return true;
    const alike = totals.filter((other) => other.site !== null && other.kind === total.kind && other.text === total.text);
    const [only] = alike;
    if (only === undefined || alike.length > 1) return true;
    only.ms += total.ms;
    only.count += total.count;
    return false;
  });
}
