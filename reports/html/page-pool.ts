import type { Analysis, Connection, Pool, PoolSummary, Recording } from '../model.js';
import { toUs } from '../microseconds.js';
import { packTable } from './columns.js';
import { assignLanes, type Lanes } from './lanes.js';
import { mergeRest } from './merge-rest.js';
import { binOf, DURATION_EDGES_MS } from '../durations.js';
import type { PageHistogram, PagePool, PageSeries, PageTimeline } from './page-data.js';
import { reducePoolSeries, type PoolStep } from './pool-steps.js';
import { RestActivity } from './rest-activity.js';
import { countSpans, sampleCheckouts, type AskedFor } from './sample.js';
import type { StringTable } from './string-table.js';
import { TimelineColumns } from './timeline-columns.js';
import { visibleText } from './visible-text.js';
import { checkoutsOf, listOf, type CheckoutList } from '../timeline/checkout-list.js';
import { poolSeries, seriesOf } from '../timeline/pool-series.js';
import { orElse } from '../timeline/times.js';
import { at } from './element.js';

/** What belongs to one pool, or (pool null) to the clients without one. */
export interface PoolGroup {
  pool: Pool | null;
  checkouts: CheckoutList;
  connections: Connection[];
  lanes: Lanes;
  spans: number;
}

/** How much of the page a pool may take. */
export interface PoolRoom {
  /** Shapes in the timeline. */
  spans: number;
  /** Steps of the series. */
  steps: number;
  /** Rows that add up what the timeline leaves out. */
  cells: number;
  connections: number;
}

/** More lanes than a screen can show are left out, and the page says so. */
const MAX_LANES = 120;
const MAX_BLOCKED = 200;

/** The timeline's checkouts by pool, in the order of the report, each in order of request. */
export function groupPools({ report, timeline }: Analysis): PoolGroup[] {
  const groups = new Map<Pool | null, PoolGroup>();
  const grouped = checkoutsOf(timeline).byPool;
  const rank = new Map(report.pools.map((pool, index) => [pool.id, index]));
  const pools = timeline.pools.toSorted((a, b) => (rank.get(a.id) ?? Infinity) - (rank.get(b.id) ?? Infinity) || (a.id < b.id ? -1 : 1));
  for (const pool of [...pools, null]) {
    const connections = timeline.connections.filter((connection) => connection.pool === pool);
    const checkouts = inOrder(grouped.get(pool) ?? listOf([]));
    groups.set(pool, { pool, checkouts, connections, lanes: assignLanes(checkouts, connections, timeline.endMs), spans: countSpans(checkouts) });
  }
  return [...groups.values()].filter((group) => group.pool !== null || group.checkouts.length > 0);
}

/** A timeline's own are sorted already. */
function inOrder(checkouts: CheckoutList): CheckoutList {
  const { requestedMs } = checkouts.times;
  const isSorted = requestedMs.every((ms, index) => index === 0 || ms >= (requestedMs[index - 1] as number));
  return isSorted ? checkouts : listOf([...checkouts].toSorted((a, b) => a.requestedMs - b.requestedMs));
}

/**
 * What the page needs of one pool. `positions` is told where those that are asked for are shown; `rest` gets what is to be called for the
 * timeline to have the others, added up.
 */
export function buildPagePool(
  group: PoolGroup,
  analysis: Analysis,
  table: StringTable,
  asked: AskedFor,
  room: PoolRoom,
  positions: Map<string, number>,
  rest: (() => void)[],
): PagePool {
  const { pool, checkouts } = group;
  const endMs = analysis.timeline.endMs;
  const several = analysis.timeline.recordings.length > 1;
  const max = pool?.max ?? 0;
  const series = pool === null ? seriesOf(analysis.timeline, pool) : poolSeries(analysis.timeline, pool);
  const poolEndMs = pool?.recording.endMs ?? endMs;
  const { steps, bucketMs, exhausted } = reducePoolSeries(series, max, poolEndMs, room.steps);
  if (poolEndMs < endMs) steps.push({ ms: poolEndMs, used: 0, idle: 0, pending: 0 });
  return {
    id: pool?.id ?? 'clients',
    label: pool === null ? 'Clients without a pool' : `Pool of ${pool.max}${several ? `, process ${pool.recording.key}` : ''} (${pool.id})`,
    kind: pool === null ? '' : visibleText(`${pool.kind} ${pool.version}`.trim()),
    max,
    acquireTimeoutMs: pool?.acquireTimeoutMs ?? 0,
    madeAt: pool?.madeAt?.frames[0] ?? null,
    summary: summaryOf(pool, analysis.report.pools),
    series: packSeries(steps, bucketMs),
    exhausted: exhausted.map(([start, ms, breaks]) => [toUs(start), toUs(ms), toUs(breaks)]),
    histogram: buildHistogram(checkouts, endMs),
    timeline: buildTimeline(group, table, asked, endMs, room, positions, rest),
    blocked: longestBlocks(pool).map((block) => [toUs(block.startMs), toUs(block.ms), table.stack(block.stack)]),
  };
}

function longestBlocks(pool: Pool | null): Recording['blocked'] {
  return (pool?.recording.blocked ?? [])
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, MAX_BLOCKED)
    .toSorted((a, b) => a.startMs - b.startMs);
}

function summaryOf(pool: Pool | null, summaries: readonly PoolSummary[]): PoolSummary | null {
  return pool === null ? null : (summaries.find((summary) => summary.id === pool.id) ?? null);
}

function packSeries(steps: readonly PoolStep[], bucketMs: number): PageSeries {
  const columns = { t: [] as number[], used: [] as number[], idle: [] as number[], pending: [] as number[] };
  let before = 0;
  for (const step of steps) {
    const us = toUs(step.ms);
    columns.t.push(us - before);
    columns.used.push(Math.round(step.used * 100));
    columns.idle.push(Math.round(step.idle * 100));
    columns.pending.push(step.pending);
    before = us;
  }
  return { rows: steps.length, ...packTable(columns), bucketUs: toUs(bucketMs) };
}

function buildHistogram({ length, times }: CheckoutList, endMs: number): PageHistogram {
  const wait = new Uint32Array(DURATION_EDGES_MS.length + 1);
  const use = new Uint32Array(wait);
  for (let index = 0; index < length; index++) {
    const [requestedMs, acquiredMs] = [at(times.requestedMs, index), at(times.acquiredMs, index)];
    const until = orElse(at(times.endedMs, index), endMs);
    const waitBin = binOf(orElse(acquiredMs, until) - requestedMs);
    wait[waitBin] = at(wait, waitBin) + 1;
    if (Number.isNaN(acquiredMs)) continue;
    const useBin = binOf(until - acquiredMs);
    use[useBin] = at(use, useBin) + 1;
  }
  return { wait: [...wait], use: [...use] };
}

function buildTimeline(group: PoolGroup, table: StringTable, asked: AskedFor, endMs: number, room: PoolRoom, positions: Map<string, number>, rest: (() => void)[]): PageTimeline {
  const { checkouts, lanes } = group;
  const laneOfEach = lanes.of.map((connection) => lanes.connections[connection]?.lane ?? -1);
  const laneOf = (index: number): number => at(laneOfEach, index);
  const count = Math.min(lanes.count, MAX_LANES);
  const hidden = (index: number): boolean => laneOf(index) >= count;
  const { keep, bucketMs } = sampleCheckouts(checkouts, laneOf, lanes.count, asked, endMs, room.spans, group.spans);
  const named = new Set(checkouts.withIds(new Set([...asked.wanted, ...asked.welcome])));
  const columns = new TimelineColumns(table, endMs);
  let shown = 0;
  for (let index = 0; index < checkouts.length; index++) {
    if (keep[index] === 0 || hidden(index)) continue;
    if (named.has(index)) positions.set(checkouts.idOf(index), shown);
    shown++;
    columns.add(checkouts.glanceAt(index), laneOf(index), at(lanes.of, index));
  }
  const mergedMs = Math.max(bucketMs, (endMs * count) / room.cells);
  const lives = lanes.connections.slice(0, room.connections);
  const timeline: PageTimeline = {
    lanes: count,
    connections: {
      rows: lives.length,
      ...packTable({ lane: lives.map((c) => c.lane), backend: lives.map((c) => c.backend), start: lives.map((c) => toUs(c.startMs)), us: lives.map((c) => toUs(c.endMs - c.startMs)) }),
    },
    ...columns.finish(),
    merged: { rows: 0, lane: 0, bucket: 0, sql: 0, await: 0, idle: 0, held: 0 },
    rest: null,
    bucketUs: shown < checkouts.length ? toUs(mergedMs) : 0,
    shown,
    total: checkouts.length,
    hiddenLanes: lanes.count - count,
  };
  if (shown < checkouts.length) {
    rest.push(() => {
      const activity = new RestActivity(endMs);
      timeline.merged = mergeRest(checkouts, (index) => keep[index] === 1 && !hidden(index), laneOf, count, mergedMs, endMs, activity);
      timeline.rest = activity.finish(table);
    });
  }
  return timeline;
}
