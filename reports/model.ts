/**
 * What the analysis knows, from trace to report: timeline → findings → report → analysis. Types only.
 *
 * All times are milliseconds on the run's clock: 0 is the start of the earliest trace, or of what was kept of it; durations
 * are milliseconds.
 */
import type { CheckoutOutcome, CheckoutSource, TraceHeader, TransactionStatus, WaitKind } from '../probes/trace/events.js';
import type { RawStep } from './deep/model.js';
import type { Gate } from './gate/model.js';
import type { Limits } from './limits.js';

// ─── timeline: the traces, merged and resolved ───────────────────────────────────────────────────

/** One place in the source, after source maps. `file` is relative to the run's cwd where it lies below it, else absolute. */
export interface CallSite {
  file: string;
  line: number;
  column: number;
  function: string;
}

/** A frame of a third-party package (not pg itself). `line` is in the package's file. */
export interface PackageFrame {
  package: string;
  version: string;
  file: string;
  line: number;
  function: string;
}

/** A resolved stack. `frames`: the application's frames, innermost first; empty when there is none in it. */
export interface Stack {
  frames: CallSite[];
  /** The innermost third-party frame, when it lies inside (deeper than) the innermost application frame. */
  via: PackageFrame | null;
}

/** One recorded process or thread. */
export interface Recording {
  /** "pid" or "pid.thread"; unique in a run. */
  key: string;
  file: string;
  header: TraceHeader;
  startMs: number;
  /** By so much the machine's clock was set forward (< 0: back) after an earlier recording had begun; `startMs` is as if it had not been. */
  clockSetMs?: number;
  /** Where it begins to tell: later than its start when the first of its files have been deleted. */
  fromMs: number;
  /** The last moment that the trace knows of. */
  endMs: number;
  /** False: killed, or cut off. */
  complete: boolean;
  exitCode: number | null;
  /** Of one that is not complete, when it is known that its process is no more: whether it was ended on purpose. */
  gone?: 'ended' | 'killed';
  /** `late`: the stack is from right after the blocking call, see BlockedLine. `open`: it lasted when the trace ended. `starvedMs`: for so long the machine had no processor for the thread. */
  blocked: { startMs: number; ms: number; stack: Stack | null; late?: true; open?: true; starvedMs?: number }[];
  lostEvents: number;
  problems: { where: string; message: string }[];
  /** Lines that could not be read. */
  badLines: number;
  /** By file, what of it could not be read; absent: nothing. */
  unreadable?: Unreadable[];
}

/** What of a file of a trace could not be read. */
export interface Unreadable {
  file: string;
  lines: number;
  /** Number of the first of these lines, from 1; null: all lines that were read are good. */
  firstLine: number | null;
  /** Why the file could not be read any further, and how many lines were; null: it was read to its end. */
  stopped: { afterLine: number; reason: string } | null;
}

export interface Pool {
  /** "key:id", as in the JSON report. */
  id: string;
  recording: Recording;
  kind: string;
  version: string;
  max: number;
  acquireTimeoutMs: number;
  madeAt: Stack | null;
  firstMs: number;
}

export interface Connection {
  id: string;
  pool: Pool | null;
  backend: number | null;
  connectingMs: number;
  connectedMs: number | null;
  closedMs: number | null;
  error: string | null;
  /** Its statements are sent without waiting for the answers to those before. */
  pipelined?: true;
}

export interface Statement {
  text: string;
}

export interface Query {
  statement: Statement;
  startMs: number;
  ms: number;
  /** After it; null when it had not ended. */
  status: TransactionStatus | null;
  error: string;
  queuedMs: number;
  stack: Stack | null;
}

export interface Wait {
  startMs: number;
  ms: number;
  kind: WaitKind;
  detail: string;
  started: Stack | null;
  awaited: Stack | null;
  /** Started by other code than the flow that holds the connection. */
  foreign: boolean;
}

export interface Gap {
  startMs: number;
  ms: number;
  inTransaction: boolean;
  waits: Wait[];
  ended: Stack | null;
  open: boolean;
  /** Nobody looked what was awaited in it, or only in a part of it: its time may be idle, and is no evidence of it. */
  unwatched?: true;
  /** The probe looked at it while it was open: without waits, there was nothing that its flow could still wait for. */
  looked?: true;
  /** Position, among the checkout's statements, of the one that ended it; their number when none did. Absent: look. */
  next?: number;
}

/** From the start of the statement that opened it to the end of the one that closed it (or to the checkout's end). */
export interface Transaction {
  startMs: number;
  ms: number;
  /** How the server left it: I ended; T or E: still open when the connection was released or the trace ended. */
  status: TransactionStatus;
  queries: Query[];
  gaps: Gap[];
  /** It was open already when the checkout got its connection: another one left it behind. */
  inherited?: true;
}

export interface Checkout {
  id: string;
  pool: Pool | null;
  connection: Connection | null;
  via: CheckoutSource;
  stack: Stack | null;
  /** The checkout that the requesting flow already held. */
  inside: Checkout | null;
  requestedMs: number;
  acquiredMs: number | null;
  /** When it was released, or gave up waiting; null: still open when the trace ended. */
  endedMs: number | null;
  outcome: CheckoutOutcome | null;
  error: string;
  queries: Query[];
  gaps: Gap[];
  transactions: Transaction[];
}

export interface Timeline {
  recordings: Recording[];
  pools: Pool[];
  connections: Connection[];
  /** All made when they are first asked for: of a long recording, that is a hundred megabytes. See `checkoutsOf`. */
  checkouts: Checkout[];
  startMs: number;
  endMs: number;
}

// ─── findings and report: the JSON contract ──────────────────────────────────────────────────────

export const RULE_IDS = [
  'await-in-transaction',
  'idle-in-transaction',
  'long-transaction',
  'nested-checkout',
  'pool-deadlock',
  'connection-leak',
  'unfinished-transaction',
  'transaction-on-pool',
  'event-loop-blocked',
  'pool-starvation',
  'serialized-queries',
  'repeated-query',
  'long-checkout',
  'no-acquire-timeout',
  'pool-overcommit',
] as const;
export type RuleId = (typeof RULE_IDS)[number];

export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const VERDICTS = ['healthy', 'findings', 'inconclusive'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const EPISODE_CAUSES = ['held-idle', 'slow-sql', 'lock-wait', 'leaked', 'deadlocked', 'connecting', 'event-loop-blocked', 'unknown'] as const;
export type EpisodeCause = (typeof EPISODE_CAUSES)[number];

/** Where a hold's time went; the parts add up to the hold. */
export interface Decomposition {
  holdMs: number;
  sqlMs: number;
  awaitMs: number;
  blockedMs: number;
  idleMs: number;
}

/** One occurrence of a finding, on the timeline. */
export interface Example {
  checkout: string;
  startMs: number;
  ms: number;
}

/** One place in a circle of waiting: flows that hold a connection here and wait for one more there. */
export interface CycleStep {
  /** How many flows are at this place. */
  flows: number;
  /** The pool of the connection that they hold, and where they asked for it. */
  heldPool: string;
  heldAt: CallSite | null;
  /** The pool that they wait for, and where. */
  wantedPool: string;
  wantedAt: CallSite | null;
}

/** One asynchronous operation, as async_hooks saw it. */
export interface ChainStep extends Omit<RawStep, 'stack'> {
  /** Where it was created: the application's frames, innermost first, and the package around it. */
  frames: CallSite[];
  via: PackageFrame | null;
}

/** The asynchronous operations that led to the end of one gap, in the order in which they were created. */
export interface Chain {
  checkout: string;
  startMs: number;
  ms: number;
  steps: ChainStep[];
}

/** What clinic's async_hooks trace, the second witness, says of a finding. */
export interface DeepEvidence {
  /** Examples in whose chain are the line and the operation that the probe blames, and those without. */
  agrees: number;
  differs: number;
  /** What ended the wait by the first of the chains, in words. */
  says: string;
  /** The version of @clinic/bubbleprof. */
  clinic: string;
  /** Clinic's own page: relative to the run's cwd where it lies below it, else absolute; null: there is none. */
  graph: string | null;
  /** At most three; those that differ first. */
  chains: Chain[];
}

export interface Evidence {
  /** Share (0 to 1) of all use time of the pool that the finding accounts for; null where it has no such meaning. */
  shareOfUse: number | null;
  /** The worst occurrences, longest first; at most ten. */
  examples: Example[];
  /** Of the holds in which it occurred, added up. */
  decomposition: Decomposition | null;
  /** Statements around the offence, normalised. */
  statements: string[];
  /** Rule-specific numbers and words, each named with its unit. */
  facts: Record<string, string | number | boolean>;
  /** Of an await that the deep mode looked into. */
  deep?: DeepEvidence;
  /** Of a deadlock: each step waits for a pool whose connections are all held by the steps. */
  cycle?: CycleStep[];
}

export interface Finding {
  rule: RuleId;
  severity: Severity;
  fingerprint: string;
  /** One sentence: what, where, how much. */
  title: string;
  callSite: CallSite | null;
  frames: CallSite[];
  via: PackageFrame | null;
  count: number;
  totalMs: number;
  maxMs: number;
  evidence: Evidence;
  advice: string;
}

export interface Percentiles {
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  maxMs: number;
}

export interface PoolSummary {
  id: string;
  max: number;
  checkouts: number;
  wait: Percentiles;
  use: Percentiles;
  pendingMax: number;
  exhaustedMs: number;
}

export interface Blame {
  callSite: CallSite | null;
  /** In a few words: "awaiting GET 127.0.0.1:8080/slow", "running select …". */
  doing: string;
  share: number;
}

export interface Episode {
  pool: string;
  startMs: number;
  endMs: number;
  cause: EpisodeCause;
  pendingMax: number;
  blame: Blame[];
}

export interface RunSummary {
  /** ISO 8601. */
  startedAt: string;
  durationMs: number;
  /** Where the run was started. */
  cwd: string;
  processes: { pid: number; thread: number; script: string; node: string; complete: boolean; exitCode: number | null }[];
}

export interface Report {
  schemaVersion: 1;
  tool: { name: 'pg-lifeguard'; version: string };
  run: RunSummary;
  verdict: Verdict;
  /** The verdict in one sentence, with the number that matters. */
  summary: string;
  /** With "inconclusive": what is missing. */
  missing: string[];
  /** What else is worth knowing of the run: a process that was killed, a beginning that was not kept, connections that broke. */
  notes: string[];
  pools: PoolSummary[];
  episodes: Episode[];
  findings: Finding[];
  /** `unreadable`: where `badLines` are, and files that could not be read to their end; absent when there is nothing of that. */
  lost: { events: number; probeErrors: number; badLines: number; unreadable?: Unreadable[] };
}

/** Lines of a source file around a call site. */
export interface SourceExcerpt {
  file: string;
  firstLine: number;
  lines: string[];
}

/**
 * When a finding occurred on one pool, in order of time. With many of them each row stands for a stretch of `columnMs`:
 * `count` began in it, `running` had begun before and went on in it, `ms` of theirs fell into it, the longest of them took
 * `maxMs`. `columnMs` 0: a row is one.
 */
export interface Occurrences {
  pool: Pool | null;
  columnMs: number;
  startMs: number[];
  count: number[];
  running: number[];
  ms: number[];
  maxMs: number[];
  /** The longest of each row: when it began, and its checkout's id. */
  worst: { startMs: number[]; checkout: string[] };
  /** Which statements stood around how many of a row; `rows` are positions in the other lists. Of very many some are left out. */
  statements: { text: string; rows: number[]; counts: number[] }[];
  /** The holds in which they happened, each of them once. */
  holds: Holds;
  /** How many were how long: by the bins of DURATION_EDGES_MS. */
  durations: number[];
}

/** Holds in order of time, and where their time went; the rest was idle. With many of them a row is what fell into a stretch of `columnMs`. */
export interface Holds {
  columnMs: number;
  startMs: number[];
  ms: number[];
  sqlMs: number[];
  awaitMs: number[];
  blockedMs: number[];
}

/** All that a renderer may use. Renderers are pure functions of it. */
export interface Analysis {
  report: Report;
  timeline: Timeline;
  /** By "file:line" of a finding's call site or frame; absent where the source could not be read. */
  sources: Map<string, SourceExcerpt>;
  /** By fingerprint, one for each pool; absent: not known. */
  occurrences?: ReadonlyMap<string, readonly Occurrences[]>;
  /** From which numbers on the rules spoke; absent: the defaults. */
  limits?: Limits;
  /** What the gate makes of it; absent when nobody asked. */
  gate?: Gate;
}
