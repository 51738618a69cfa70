/**
 * What the HTML report carries inside itself: a compact, sorted, clock-free copy of the analysis. The tool writes it, the
 * page reads it; both compile against this file. Types only.
 *
 * Times are whole microseconds on the run's clock, so that they are short as text and exact. Long lists are columns: one
 * array for each field, in the same order. `-1` in an index column means "none".
 */
import type { CallSite, CycleStep, Decomposition, EpisodeCause, PackageFrame, PoolSummary, RunSummary, Severity, Verdict } from '../model.js';
import type { StepRole } from '../deep/model.js';
import type { CodeExample } from '../advice/examples.js';
import type { Links } from './links.js';
import type { PageSweep } from './page-sweep.js';

/** A packed column, see `packColumn`; a plain number stands for a column that holds this number everywhere. */
export type Column = string | number;

/** Steps of a pool over time: from `t` on (delta from the row before) there were so many. */
export interface PageSeries {
  rows: number;
  t: Column;
  /** In hundredths. */
  used: Column;
  idle: Column;
  pending: Column;
  /** 0: every change is there. Otherwise each row covers so many microseconds: used and idle averaged, pending at its highest. */
  bucketUs: number;
}

export interface PageHistogram {
  wait: number[];
  use: number[];
}

/** Checkouts in order of their request. */
export interface CheckoutColumns {
  /** The number that the trace gave it. */
  id: Column;
  /** Lane, or -1 when it never got a connection. */
  lane: Column;
  connection: Column;
  /** Delta from the request before. */
  requested: Column;
  wait: Column;
  /** Use time; to the end of the trace when it was not released. */
  use: Column;
  /** Index in CHECKOUT_OUTCOMES; -1: not ended. */
  outcome: Column;
  /** Index in CHECKOUT_SOURCES. */
  via: Column;
  stack: Column;
  /** String: why it failed. */
  error: Column;
  /** How many rows of the following tables are its own. */
  queries: Column;
  gaps: Column;
  transactions: Column;
}

/** Starts are relative to the end of the row before it in the same checkout; the first to the checkout's request. */
export interface QueryColumns {
  start: Column;
  us: Column;
  /** String. */
  statement: Column;
  /** Index in TRANSACTION_STATUSES; -1: not ended. */
  status: Column;
  error: Column;
  queued: Column;
  stack: Column;
}

export interface GapColumns {
  start: Column;
  us: Column;
  inTransaction: Column;
  waits: Column;
  ended: Column;
}

/** The first wait of a gap is relative to the gap's start, the next to the end of the wait before it. */
export interface WaitColumns {
  start: Column;
  us: Column;
  /** Index in WAIT_KINDS. */
  kind: Column;
  detail: Column;
  started: Column;
  awaited: Column;
  foreign: Column;
}

export interface TransactionColumns {
  start: Column;
  us: Column;
  status: Column;
}

/** What the sample leaves out, added up: what share of this lane's bucket it filled (per mille). */
export interface MergedColumns {
  rows: number;
  /** Delta from the row before. */
  lane: Column;
  /** Delta from the row before in the same lane. */
  bucket: Column;
  sql: Column;
  await: Column;
  idle: Column;
  held: Column;
}

/** The same for all lanes together, by time. */
export interface PageRest {
  bucketUs: number;
  buckets: number;
  /** How many requests began in each bucket, by how long they waited, and how long they then held: the bins of DURATION_EDGES_MS, one bucket after the other. */
  wait: Column;
  use: Column;
  /** Microseconds of each bucket, of all connections together. */
  kinds: { sql: Column; await: Column; idle: Column; held: Column };
  /** What held the connections, as far as it is among the longest of a bucket or of the run. */
  groups: RestGroups;
}

export interface RestGroups {
  rows: number;
  /** Index in REST_KINDS. */
  kind: Column;
  /** Index in WAIT_KINDS; -1: a statement. */
  wait: Column;
  foreign: Column;
  /** String: the statement, or the detail of the wait. */
  text: Column;
  stack: Column;
  /** `group`: delta from the row before. */
  times: { rows: number; group: Column; bucket: Column; us: Column };
}

export interface PageTimeline {
  lanes: number;
  /** Connections: lane, the server's process id (0: not known), and life. */
  connections: { rows: number; lane: Column; backend: Column; start: Column; us: Column };
  checkouts: CheckoutColumns;
  queries: QueryColumns;
  gaps: GapColumns;
  waits: WaitColumns;
  transactions: TransactionColumns;
  merged: MergedColumns;
  /** Null: nothing was left out. */
  rest: PageRest | null;
  /** Width of the buckets of `merged`; 0: nothing was left out. */
  bucketUs: number;
  shown: number;
  total: number;
  /** Lanes that were left out, because there were too many. */
  hiddenLanes: number;
}

export interface PagePool {
  id: string;
  label: string;
  kind: string;
  max: number;
  acquireTimeoutMs: number;
  madeAt: CallSite | null;
  summary: PoolSummary | null;
  series: PageSeries;
  /** [start, length, short breaks in it] of the times without a free connection: what these are parted by is too short to be drawn. */
  exhausted: [number, number, number][];
  histogram: PageHistogram;
  timeline: PageTimeline;
  /** [start, length, stack] of the times at which the event loop of its process did not turn. */
  blocked: [number, number, number][];
}

export interface PageFrame {
  site: CallSite;
  /** Index in `excerpts`, or -1. */
  excerpt: number;
}

/** An asynchronous operation, or several alike. Times are relative to the wait's start. */
export interface PageStep {
  id: number;
  what: string;
  role: StepRole;
  count: number;
  createdMs: number;
  ranMs: number | null;
  frames: CallSite[];
  /** Package; "" none. */
  via: string;
}

export interface PageChain {
  startMs: number;
  ms: number;
  operations: number;
  /** The last ones of them. */
  steps: PageStep[];
}

/** What the deep mode says of an await. */
export interface PageDeep {
  agrees: boolean;
  says: string;
  /** URL of clinic's page; "" none. */
  graph: string;
  chains: PageChain[];
}

export interface PageFinding {
  rule: string;
  severity: Severity;
  fingerprint: string;
  title: string;
  site: PageFrame | null;
  frames: PageFrame[];
  via: PackageFrame | null;
  count: number;
  totalMs: number;
  maxMs: number;
  share: number | null;
  decomposition: Decomposition | null;
  statements: string[];
  facts: [string, string | number | boolean][];
  advice: string;
  /** `pool` and `checkout` are positions in this page, -1 when the checkout is not shown. */
  examples: { startMs: number; ms: number; pool: number; checkout: number }[];
  deep?: PageDeep;
  /** When it occurred, by pool; empty: not known. */
  seen: PageOccurrences[];
  /** How long its occurrences took: counts, by the bins of DURATION_EDGES_MS; empty: not known. */
  durations: number[];
  /** The requests that waited for a connection because of it; null: it holds none. */
  waited: PageBlamedWaits | null;
  /** Before and after, in outline. */
  code: CodeExample | null;
  cycle: CycleStep[];
}

/** As in `Occurrences`: rows in order of time, each of them one occurrence (`columnUs` 0) or a stretch of time. */
export interface PageOccurrences {
  /** Position in `pools`, or -1. */
  pool: number;
  columnUs: number;
  rows: number;
  /** Delta from the row before. */
  start: Column;
  count: Column;
  running: Column;
  us: Column;
  maxUs: Column;
  /** When the longest of the row began, relative to the row's start; and its checkout's position in the page, -1 when it is not shown. */
  worstStart: Column;
  worstCheckout: Column;
  /** The most frequent: string, and in which rows it stood around how many; `row` is a delta from the one before of the same statement. */
  statements: { text: number; rows: number; row: Column; count: Column }[];
  /** Null: the finding holds no connections. */
  holds: PageHolds | null;
}

/** As in `Holds`. */
export interface PageHolds {
  columnUs: number;
  rows: number;
  /** Delta from the row before. */
  start: Column;
  us: Column;
  /** Per mille of `us`. */
  sql: Column;
  await: Column;
  blocked: Column;
}

export interface PageBlamedWaits {
  requests: number;
  ms: number;
  /** Of all the waiting on its pools, 0 to 1. */
  share: number;
  /** `ms`: how long the request waited; `share`: how much of it because of this. */
  worst: { pool: number; checkout: number; startMs: number; ms: number; share: number }[];
}

export interface PageEpisode {
  pool: number;
  startMs: number;
  endMs: number;
  cause: EpisodeCause;
  pendingMax: number;
  blame: { site: CallSite | null; doing: string; share: number }[];
}

export interface PageData {
  version: 1;
  tool: string;
  /** Where lines of source lead to; null: nowhere. */
  links: Links | null;
  verdict: Verdict;
  summary: string;
  missing: string[];
  run: RunSummary;
  endUs: number;
  /** Things that went wrong while recording or reading, in plain words. */
  problems: string[];
  lost: { events: number; probeErrors: number; badLines: number };
  strings: string[];
  /** Rows: function and file (strings), line, column. */
  frames: [number, number, number, number][];
  /** Rows: frames, innermost first, then the package ("" none) as a string. */
  stacks: { frames: number[]; via: number }[];
  excerpts: { file: string; firstLine: number; lines: string[] }[];
  pools: PagePool[];
  findings: PageFinding[];
  /** Position in `findings` of what to change first, or -1. */
  first: number;
  episodes: PageEpisode[];
  /** How many were left out, because there were too many. */
  hidden: { findings: number; episodes: number };
  /** Present in the report of a sweep. */
  sweep?: PageSweep;
}
