import { at } from '../element.js';
import type { CallSite } from '../../model.js';
import { unpackColumn } from '../columns.js';
import type { Column, PageData, PagePool } from '../page-data.js';
import { unpackRest, type RestRows } from './rest-rows.js';
import { chained, ints, offsets, running, sum, times } from './columns.js';

/** The timeline of one pool, unpacked: times in milliseconds on the run's clock, rows by position. */
export interface PoolModel {
  index: number;
  page: PagePool;
  series: { t: Float64Array; used: Float64Array; idle: Float64Array; pending: Float64Array; bucketMs: number };
  count: number;
  id: Int32Array;
  lane: Int32Array;
  connection: Int32Array;
  requested: Float64Array;
  acquired: Float64Array;
  ended: Float64Array;
  outcome: Int32Array;
  via: Int32Array;
  stack: Int32Array;
  error: Int32Array;
  queryFrom: Int32Array;
  gapFrom: Int32Array;
  transactionFrom: Int32Array;
  waitFrom: Int32Array;
  query: { start: Float64Array; ms: Float64Array; statement: Int32Array; status: Int32Array; error: Int32Array; queued: Float64Array; stack: Int32Array };
  gap: { start: Float64Array; ms: Float64Array; inTransaction: Int32Array; ended: Int32Array };
  wait: { start: Float64Array; ms: Float64Array; kind: Int32Array; detail: Int32Array; started: Int32Array; awaited: Int32Array; foreign: Int32Array };
  transaction: { start: Float64Array; ms: Float64Array; status: Int32Array };
  connections: { lane: Int32Array; backend: Int32Array; start: Float64Array; ms: Float64Array };
  /** Checkouts of each lane in order of time. */
  lanes: Int32Array[];
  merged: { lane: Int32Array; startMs: Float64Array; parts: [sql: Int32Array, await: Int32Array, idle: Int32Array, held: Int32Array]; bucketMs: number };
  /** Null: every checkout is drawn one by one. */
  rest: RestRows | null;
}

export function unpackPool(page: PagePool, index: number): PoolModel {
  const { timeline, series } = page;
  const n = timeline.shown;
  const { checkouts } = timeline;
  const requested = running(checkouts.requested, n);
  const wait = times(checkouts.wait, n);
  const use = times(checkouts.use, n);
  const acquired = requested.map((ms, i) => ms + at(wait, i));
  const ended = acquired.map((ms, i) => ms + at(use, i));
  const queryCounts = ints(checkouts.queries, n);
  const gapCounts = ints(checkouts.gaps, n);
  const transactionCounts = ints(checkouts.transactions, n);
  const [queries, gaps, transactions] = [sum(queryCounts), sum(gapCounts), sum(transactionCounts)];
  const queryFrom = offsets(queryCounts);
  const gapFrom = offsets(gapCounts);
  const transactionFrom = offsets(transactionCounts);
  const waitCounts = ints(timeline.gaps.waits, gaps);
  const waits = sum(waitCounts);
  const waitFrom = offsets(waitCounts);
  const queryMs = times(timeline.queries.us, queries);
  const gapMs = times(timeline.gaps.us, gaps);
  const waitMs = times(timeline.waits.us, waits);
  const transactionMs = times(timeline.transactions.us, transactions);
  const gapStart = chained(timeline.gaps.start, gapMs, gapFrom, requested);
  const lane = ints(checkouts.lane, n);
  const points = series.rows;
  return {
    index,
    page,
    series: { t: running(series.t, points), used: hundredths(series.used, points), idle: hundredths(series.idle, points), pending: unpackColumn(series.pending, points), bucketMs: series.bucketUs / 1000 },
    count: n,
    id: ints(checkouts.id, n),
    lane,
    connection: ints(checkouts.connection, n),
    requested,
    acquired,
    ended,
    outcome: ints(checkouts.outcome, n),
    via: ints(checkouts.via, n),
    stack: ints(checkouts.stack, n),
    error: ints(checkouts.error, n),
    queryFrom,
    gapFrom,
    transactionFrom,
    waitFrom,
    query: {
      start: chained(timeline.queries.start, queryMs, queryFrom, requested),
      ms: queryMs,
      statement: ints(timeline.queries.statement, queries),
      status: ints(timeline.queries.status, queries),
      error: ints(timeline.queries.error, queries),
      queued: times(timeline.queries.queued, queries),
      stack: ints(timeline.queries.stack, queries),
    },
    gap: { start: gapStart, ms: gapMs, inTransaction: ints(timeline.gaps.inTransaction, gaps), ended: ints(timeline.gaps.ended, gaps) },
    wait: {
      start: chained(timeline.waits.start, waitMs, waitFrom, gapStart),
      ms: waitMs,
      kind: ints(timeline.waits.kind, waits),
      detail: ints(timeline.waits.detail, waits),
      started: ints(timeline.waits.started, waits),
      awaited: ints(timeline.waits.awaited, waits),
      foreign: ints(timeline.waits.foreign, waits),
    },
    transaction: { start: chained(timeline.transactions.start, transactionMs, transactionFrom, requested), ms: transactionMs, status: ints(timeline.transactions.status, transactions) },
    connections: unpackConnections(timeline),
    lanes: groupLanes(lane, acquired, timeline.lanes),
    merged: unpackMerged(timeline),
    rest: timeline.rest === null ? null : unpackRest(timeline.rest),
  };
}

function hundredths(column: Column, length: number): Float64Array {
  return unpackColumn(column, length).map((value) => value / 100);
}

function unpackConnections({ connections }: PagePool['timeline']): PoolModel['connections'] {
  const n = connections.rows;
  return { lane: ints(connections.lane, n), backend: ints(connections.backend, n), start: times(connections.start, n), ms: times(connections.us, n) };
}

function unpackMerged({ merged, bucketUs }: PagePool['timeline']): PoolModel['merged'] {
  const n = merged.rows;
  const lane = ints(merged.lane, n);
  for (let i = 1; i < n; i++) lane[i] = at(lane, i - 1) + at(lane, i);
  const bucket = ints(merged.bucket, n);
  const startMs = new Float64Array(n);
  let before = 0;
  for (let i = 0; i < n; i++) {
    before = i > 0 && lane[i] === lane[i - 1] ? before + at(bucket, i) : at(bucket, i);
    startMs[i] = (before * bucketUs) / 1000;
  }
  return { lane, startMs, parts: [ints(merged.sql, n), ints(merged.await, n), ints(merged.idle, n), ints(merged.held, n)], bucketMs: bucketUs / 1000 };
}

function groupLanes(lane: Int32Array, acquired: Float64Array, count: number): Int32Array[] {
  const lists: number[][] = Array.from({ length: count }, () => []);
  for (let i = 0; i < lane.length; i++) lists[at(lane, i)]?.push(i);
  return lists.map((list) => Int32Array.from(list.toSorted((a, b) => at(acquired, a) - at(acquired, b))));
}

/** The frames of a stack, innermost first. */
export function framesOf(data: PageData, stack: number): CallSite[] {
  return (data.stacks[stack]?.frames ?? []).flatMap((index) => {
    const frame = data.frames[index];
    return frame === undefined ? [] : [{ function: textOf(data, frame[0]), file: textOf(data, frame[1]), line: frame[2], column: frame[3] }];
  });
}

export function textOf(data: PageData, index: number): string {
  return data.strings[index] ?? '';
}
