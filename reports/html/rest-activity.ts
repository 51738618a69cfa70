import { WAIT_KINDS } from '../../probes/trace/events.js';
import { binOf, DURATION_EDGES_MS } from '../durations.js';
import type { Query, Stack, Wait } from '../model.js';
import { toUs } from '../microseconds.js';
import { packColumn, packTable } from './columns.js';
import { at } from './element.js';
import type { PageRest, RestGroups } from './page-data.js';
import type { StringTable } from './string-table.js';

export const REST_KINDS = ['sql', 'await', 'idle', 'held'] as const;
export type RestKind = (typeof REST_KINDS)[number];

/** So many stretches of time the whole run has. */
const BUCKETS = 240;
/** What held connections is named where it was among so many of a stretch, or of the whole. */
const MOST_IN_BUCKET = 4;
const MOST_IN_ALL = 40;
const MOST_PLACES = 4;
/** Programs that write their own SQL have thousands of statements; beyond so many, time counts by its kind only. */
const MOST_GROUPS = 4000;

interface Group {
  kind: RestKind;
  /** Null: a statement. */
  wait: Wait | null;
  text: string;
  stack: Stack | null;
  ms: Float64Array;
}

/** What the timeline does not draw one by one, added up by time: how many, how long, and what held the connections. */
export class RestActivity {
  readonly #bucketMs: number;
  readonly #bins = DURATION_EDGES_MS.length + 1;
  readonly #wait = new Uint32Array(BUCKETS * this.#bins);
  readonly #use = new Uint32Array(BUCKETS * this.#bins);
  readonly #kinds = { sql: new Float64Array(BUCKETS), await: new Float64Array(BUCKETS), idle: new Float64Array(BUCKETS), held: new Float64Array(BUCKETS) } as const satisfies Record<RestKind, Float64Array>;
  readonly #groups = new Map<string, Map<Stack | null, Group>>();
  readonly #all: Group[] = [];

  constructor(endMs: number) {
    this.#bucketMs = Math.max(endMs, 1) / BUCKETS;
  }

  /** A request, in the bucket in which it began; `useMs` null: it never got a connection. */
  addRequest(requestedMs: number, waitMs: number, useMs: number | null): void {
    const row = this.#bucketOf(requestedMs) * this.#bins;
    const waitBin = row + binOf(waitMs);
    this.#wait[waitBin] = at(this.#wait, waitBin) + 1;
    if (useMs === null) return;
    const useBin = row + binOf(useMs);
    this.#use[useBin] = at(this.#use, useBin) + 1;
  }

  addTime(kind: RestKind, startMs: number, ms: number): void {
    this.#spread(this.#kinds[kind], startMs, ms, 1);
  }

  /** Time that turned out to be of another kind. */
  takeTime(kind: RestKind, startMs: number, ms: number): void {
    this.#spread(this.#kinds[kind], startMs, ms, -1);
  }

  addQuery({ statement, stack, startMs }: Query, ms: number): void {
    this.#addTo('sql', null, statement.text, stack, startMs, ms);
  }

  addWait(wait: Wait, inTransaction: boolean): void {
    this.#addTo(inTransaction ? 'await' : 'held', wait, wait.detail, wait.awaited ?? wait.started, wait.startMs, wait.ms);
  }

  #addTo(kind: RestKind, wait: Wait | null, text: string, stack: Stack | null, startMs: number, ms: number): void {
    const key = wait === null ? text : `${kind} ${wait.kind} ${wait.foreign} ${text}`;
    let alike = this.#groups.get(key);
    if (alike === undefined) this.#groups.set(key, (alike = new Map()));
    let group = alike.get(stack);
    if (group === undefined) {
      if (this.#all.length >= MOST_GROUPS) return;
      alike.set(stack, (group = { kind, wait, text, stack, ms: new Float64Array(BUCKETS) }));
      this.#all.push(group);
    }
    this.#spread(group.ms, startMs, ms, 1);
  }

  #bucketOf(ms: number): number {
    return Math.max(0, Math.min(BUCKETS - 1, Math.floor(ms / this.#bucketMs)));
  }

  #spread(sums: Float64Array, startMs: number, ms: number, sign: 1 | -1): void {
    const endMs = startMs + ms;
    const [first, last] = [this.#bucketOf(startMs), this.#bucketOf(endMs)];
    for (let bucket = first; bucket <= last; bucket++) {
      const from = bucket === first ? startMs : bucket * this.#bucketMs;
      const until = bucket === last ? endMs : (bucket + 1) * this.#bucketMs;
      sums[bucket] = at(sums, bucket) + sign * (until - from);
    }
  }

  finish(table: StringTable): PageRest {
    const sums = (kind: RestKind): number[] => Array.from(this.#kinds[kind], (ms) => Math.max(0, toUs(ms)));
    return {
      bucketUs: toUs(this.#bucketMs),
      buckets: BUCKETS,
      wait: packColumn([...this.#wait]),
      use: packColumn([...this.#use]),
      kinds: packTable({ sql: sums('sql'), await: sums('await'), idle: sums('idle'), held: sums('held') }),
      groups: packGroups(chooseGroups(this.#all), table),
    };
  }
}

function chooseGroups(groups: readonly Group[]): Group[] {
  const total = new Map(groups.map((group) => [group, group.ms.reduce((sum, ms) => sum + ms, 0)]));
  const chosen = new Set(groups.toSorted((a, b) => (total.get(b) ?? 0) - (total.get(a) ?? 0)).slice(0, MOST_IN_ALL));
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const here = groups.filter(({ ms }) => at(ms, bucket) > 0);
    for (const group of here.toSorted((a, b) => at(b.ms, bucket) - at(a.ms, bucket)).slice(0, MOST_IN_BUCKET)) chosen.add(group);
  }
  // Call sites are recorded now and then. Where time without one would be put down to the only place that the page knows, it has to know the others.
  for (const group of chosen) {
    if (group.stack !== null) continue;
    const alike = groups.filter((other) => other.stack !== null && other.text === group.text && other.kind === group.kind && other.wait?.kind === group.wait?.kind);
    for (const other of alike.toSorted((a, b) => (total.get(b) ?? 0) - (total.get(a) ?? 0)).slice(0, MOST_PLACES)) chosen.add(other);
  }
  return [...chosen];
}

function packGroups(groups: readonly Group[], table: StringTable): RestGroups {
  const rows = groups.flatMap(({ ms }, group) => [...ms.keys()].filter((bucket) => at(ms, bucket) > 0).map((bucket) => ({ group, bucket, us: toUs(at(ms, bucket)) })));
  return {
    rows: groups.length,
    ...packTable({
      kind: groups.map(({ kind }) => REST_KINDS.indexOf(kind)),
      wait: groups.map(({ wait }) => (wait === null ? -1 : WAIT_KINDS.indexOf(wait.kind))),
      foreign: groups.map(({ wait }) => (wait?.foreign === true ? 1 : 0)),
      text: groups.map(({ text }) => table.text(text)),
      stack: groups.map(({ stack }) => table.stack(stack)),
    }),
    times: {
      rows: rows.length,
      ...packTable({
        group: rows.map(({ group }, i) => group - (rows[i - 1]?.group ?? 0)),
        bucket: rows.map(({ bucket }) => bucket),
        us: rows.map(({ us }) => us),
      }),
    },
  };
}
