/**
 * The trace format: what one process recorded, as newline-delimited JSON. This file is its specification; it holds types
 * and the lists that make types, nothing that runs.
 *
 * Glossary (a word means the same everywhere in this project):
 * - checkout: one exclusive hold of a connection, from the request for it to its release. `pool.query` is a checkout too;
 *   so is the whole life of a client that is used without a pool (`via: "client"`).
 * - wait time: request → acquire. Use time: acquire → release.
 * - statement: one query as submitted to the server, its text normalised (no literal is ever recorded).
 * - transaction status: the server's own word after a statement: I idle, T in transaction, E in a failed transaction.
 * - gap: a time in which a connection is held and no statement of it is in flight.
 * - wait (inside a gap): a part of a gap that an asynchronous operation accounts for: what was awaited, where it was
 *   started, where the program went on. The waits of a gap do not overlap; what they leave over is idle or CPU time.
 *
 * Times are milliseconds since the trace's start (`startedAt`), durations milliseconds; both with microsecond precision.
 * Ids are positive integers, unique in their trace for their kind; 0 means "none" or "not known". Only the stacks that the
 * watchdog took have negative ids, as two threads number them.
 * A line may only refer to stacks, statements, pools and connections that were defined on an earlier line.
 * Unknown fields and unknown line types are to be ignored by readers.
 */

/** Readers refuse a trace with another major version. */
export const FORMAT_VERSION = 1;

/** First line of every trace. */
export interface TraceHeader {
  type: 'trace';
  version: number;
  tool: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  pid: number;
  ppid: number;
  /** Worker thread id; 0 is the main thread. */
  thread: number;
  node: string;
  platform: string;
  cwd: string;
  /** Where the recording was started, if not in `cwd`: each package of a workspace has its tests run in its own folder. */
  startedIn?: string;
  /** The entry script, without its arguments. */
  script: string;
  /**
   * A long trace is written in several files, each with this header: from the second on with its number, and from when on
   * it tells. It repeats the definitions that it may need, so that those before it can be deleted.
   */
  part?: number;
  fromMs?: number;
  /** A clock that nobody can set, where the system tells (Linux): the name of the machine's boot, and the trace's start on the clock of `process.hrtime`, in milliseconds. */
  boot?: [id: string, atMs: number];
  /** The trace's start on the clock of `process.hrtime`, in milliseconds. In deep mode only, as are all `asyncId`s below. */
  hrtimeMs?: number;
}

/** function name ("" when anonymous; "async f" for an awaiting caller; "return f" for one that returned what runs, at its beginning), file (path or file: URL, as V8 named it), line, column (both from 1). */
export type RawFrame = [functionName: string, file: string, line: number, column: number];

/** A call stack, innermost frame first, node's own frames left out. Defined once, referred to by id. */
export interface StackLine {
  type: 'stack';
  id: number;
  frames: RawFrame[];
}

/** A normalised statement text. */
export interface StatementLine {
  type: 'statement';
  id: number;
  text: string;
}

export interface PoolLine {
  type: 'pool';
  id: number;
  t: number;
  /** Which pool implementation: "pg-pool", later "tarn", "sequelize-pool"… */
  kind: string;
  /** Version of the driver or pool package, "" if not known. */
  version: string;
  max: number;
  /** How long a request may wait before it fails; 0 = for ever. */
  acquireTimeoutMs: number;
  /** Where the pool was made. */
  stack: number;
}

export const CONNECTION_STATES = ['connecting', 'connected', 'failed', 'closed'] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

/** A connection changes its state. `pool` 0: a client without a pool. */
export interface ConnectionLine {
  type: 'connection';
  id: number;
  t: number;
  pool: number;
  state: ConnectionState;
  /** The server's process id, once known. */
  backend?: number;
  /** SQLSTATE or system error code when it failed, or was ended by the server or the network. */
  error?: string;
  /** Statements go to the server without waiting for the answers to those before (pg's `pipeline: true`). */
  pipelined?: true;
}

export const TRANSACTION_STATUSES = ['I', 'T', 'E'] as const;
export type TransactionStatus = (typeof TRANSACTION_STATUSES)[number];

export const CHECKOUT_SOURCES = ['query', 'connect', 'client'] as const;
/** query: `pool.query`; connect: `pool.connect`; client: a client without a pool. */
export type CheckoutSource = (typeof CHECKOUT_SOURCES)[number];

export const CHECKOUT_OUTCOMES = ['released', 'destroyed', 'timeout', 'failed'] as const;
/**
 * released: back to its pool. destroyed: released, and its connection closed. timeout: never acquired, the wait was cut
 * by the pool's acquire timeout. failed: never acquired, with an error (cannot connect, pool ended).
 */
export type CheckoutOutcome = (typeof CHECKOUT_OUTCOMES)[number];

/**
 * One statement: [statement id, start (sent to the server) and duration, then, as far as they are not the default:
 * status after it ("I"), SQLSTATE or error code (""), how long it queued on the client before it was sent (0), stack (0)].
 * The start is relative to the checkout's `t`. A cursor's statement is repeated for each further read, queued since it was
 * submitted: start less queued is the same for all of them.
 */
export type RawQuery = [
  statement: number,
  startMs: number,
  durationMs: number,
  status?: TransactionStatus,
  error?: string,
  queuedMs?: number,
  stack?: number,
];

export const WAIT_KINDS = [
  'timer', 'http', 'dns', 'socket', 'file', 'child-process', 'worker', 'crypto', 'zlib', 'stream', 'checkout', 'query', 'signal', 'promise', 'unknown',
] as const;
/**
 * What an await inside a gap was for. checkout: it asked a pool for another connection; query: a statement on another
 * connection; promise: a promise with nothing known behind it (resolved by other code of the program).
 */
export type WaitKind = (typeof WAIT_KINDS)[number];

/** Part of a gap. `t` is relative to the checkout's `t`, as in the gap itself. */
export interface RawWait {
  t: number;
  ms: number;
  kind: WaitKind;
  /** "GET api.example.com/token", "100 ms", "/etc/hosts": no query string, no credentials. */
  detail?: string;
  /** Stack at which the operation was started; 0 or absent: not captured. */
  started?: number;
  /** Stack at which the program waited for it (the `await` or `then`). */
  awaited?: number;
  /** The operation was started by other code than this checkout's flow (before it, or by another request). */
  foreign?: true;
  /** What completed, by async_hooks' number; absent where it is no resource of node's. */
  asyncId?: number;
}

/** A gap. Gaps without waits that are shorter than five milliseconds are not written: they follow from the statements. */
export interface RawGap {
  t: number;
  ms: number;
  waits: RawWait[];
  /** Stack of what ended the gap: the next statement or the release. */
  ended?: number;
  /** Nobody looked what was awaited in it, or only in a part of it: the probe takes samples under heavy traffic. */
  unwatched?: true;
  /** The gap had not ended when this was written; later parts repeat it, with the same `t`, whole: as it goes on and when it ends. */
  open?: true;
  /** In what the program went on, by async_hooks' number. */
  asyncId?: number;
}

/**
 * A checkout, or a part of one. A short checkout is one line. One that outlives a flush is written in parts: each part
 * repeats `id` and `t`, scalar fields of later parts win, `q` and `gaps` add up (a gap with the same `t` replaces the open
 * one). It has ended when a part has `outcome`. The part that a new file of the trace begins with repeats all but `q` and
 * `gaps`, of which it has the latest statement of before, and a gap that is open.
 */
export interface CheckoutLine {
  type: 'checkout';
  id: number;
  /** When it was requested. */
  t: number;
  pool: number;
  via: CheckoutSource;
  /** Where it was requested. */
  stack?: number;
  /** The checkout that the requesting flow already held. */
  inside?: number;
  /** Present once acquired. */
  connection?: number;
  waitMs?: number;
  /** Present once ended; with `outcome` timeout or failed it is absent and `waitMs` is how long it waited. */
  useMs?: number;
  outcome?: CheckoutOutcome;
  /** SQLSTATE or system error code: why it was never acquired, or by what its connection was ended while it was held. */
  error?: string;
  q?: RawQuery[];
  gaps?: RawGap[];
  /** In flight when this part was written: [statement id, start, stack]; null when none is. */
  running?: [statement: number, startMs: number, stack: number] | null;
}

/** The event loop did not turn for this long. Of several lines with the same `t`, the last one counts. */
export interface BlockedLine {
  type: 'blocked';
  t: number;
  ms: number;
  /** Where the thread was for the longest part of it; absent: not known. */
  stack?: number;
  /** The sample came when the blocking call had returned: its line is that of a later call of the same function, or of its caller. */
  late?: true;
  /** It was still blocked when this was written. */
  open?: true;
}

/** In the block that began about at `t` the thread was ready to go on for so long, and the machine had no processor for it. */
export interface StarvedLine {
  type: 'starved';
  t: number;
  ms: number;
}

/** Written about once a second, so that the length of an interrupted trace is known. */
export interface AliveLine {
  type: 'alive';
  t: number;
}

/** Events that were dropped because the ring was full. */
export interface LostLine {
  type: 'lost';
  t: number;
  events: number;
}

/** The probe failed at something; the program was not affected. */
export interface ProblemLine {
  type: 'problem';
  t: number;
  where: string;
  message: string;
}

/** Last line of a trace whose process or recording ended by itself. Absent: killed, or still running. */
export interface EndLine {
  type: 'end';
  t: number;
  /** null: the recording was stopped and the program went on. */
  exitCode: number | null;
}

/** Behind a trace that has no end, by whoever started its process: that is no more. */
export interface GoneLine {
  type: 'gone';
  /** The process was ended on purpose: its load, or its time, was over. */
  asked: boolean;
}

export type TraceLine =
  | TraceHeader
  | StackLine
  | StatementLine
  | PoolLine
  | ConnectionLine
  | CheckoutLine
  | BlockedLine
  | StarvedLine
  | AliveLine
  | LostLine
  | ProblemLine
  | EndLine
  | GoneLine;
