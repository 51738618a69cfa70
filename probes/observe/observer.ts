/**
 * The probe's view of the program: what instrumentation reports (a connection was requested, a statement answered) becomes
 * the life of checkouts, and their records.
 */
import { round, type Recorder } from '../recorder/recorder.js';
import { TRANSACTION_STATUSES, type CheckoutOutcome, type CheckoutSource } from '../trace/events.js';
import { Checkout, ConnectionState, PoolState, type SubmittedStatement } from './checkouts.js';
import { CheckoutRecords } from './checkout-records.js';
import { describeGap, describeOpenGap } from './gaps.js';
import { OPERATION } from './operation-kinds.js';
import { Operations } from './operations.js';
import { Stacks, type Captured } from './stacks.js';
import { Statements, textOf, type KnownStatement } from './statements.js';
import { explainGap } from './waker.js';
import { Watchfulness } from './watchfulness.js';

/** Gaps that nothing was awaited in are written from this length on; shorter ones follow from the statements. */
const SHORTEST_GAP_MS = 5;
/** A gap that is still open is written after this time, for the case that it never ends, and again each time that it has grown by so much. */
const OPEN_GAP_MS = 200;
const OPEN_GAP_GROWTH = 1.5;
/** So many open gaps are written as the recording ends: they must not crowd its end out. */
const MOST_AT_END = 1000;
/** So many statements of pools tell whether they come from query builders. */
const TRIAL = 64;
const IDLE = TRANSACTION_STATUSES.indexOf('I');
const IN_TRANSACTION = TRANSACTION_STATUSES.indexOf('T');
/** `pool.query`'s checkouts are written whole at their end, or as they are once they are this old. */
const REPORT_AFTER_MS = 50;

export interface PoolDescription {
  kind: string;
  version: string;
  max: number;
  acquireTimeoutMs: number;
  madeAt: Captured | null;
}

export class Observer {
  readonly recorder: Recorder;
  readonly stacks: Stacks;
  readonly operations: Operations;
  readonly #statements: Statements;
  readonly #records: CheckoutRecords;
  /**
   * Checkouts that have not ended, by their slot. Not a Set: its old tables link to the new ones, and once one of them has
   * grown old in the heap it keeps all later checkouts alive until the next full collection.
   */
  readonly #open: (Checkout | null)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #watchfulness = new Watchfulness();
  #follows = false;
  /** While it is above 0, it is being found out whether the statements of the program's pools need following. */
  #trial = 0;
  #pools = 0;
  #connections = 0;
  #checkouts = 0;

  constructor(recorder: Recorder) {
    this.recorder = recorder;
    this.stacks = new Stacks(recorder);
    this.operations = new Operations(this.stacks, () => recorder.now());
    this.#statements = new Statements(recorder);
    this.#records = new CheckoutRecords(recorder, this.stacks);
  }

  /** The probe failed at something: the program must not notice, the report will say it. */
  problem(where: string, error: unknown): void {
    try {
      this.recorder.problem(where, error);
    } catch {
      // There is nothing left to tell it to.
    }
  }

  /**
   * The program makes a pool. Most call `pool.query`, which tells its place by itself. A query builder is awaited, and calls
   * it in a job of its own: to tell where, the first await must have been followed already.
   */
  expectStatements(): void {
    if (this.#follows) return;
    this.#follow();
    this.#trial = TRIAL;
  }

  addPool(description: PoolDescription): PoolState {
    const { kind, version, max, acquireTimeoutMs, madeAt } = description;
    const pool = new PoolState(this, ++this.#pools, max);
    this.recorder.line({
      type: 'pool', id: pool.id, t: round(this.recorder.now()), kind, version, max, acquireTimeoutMs, stack: this.stacks.idOf(madeAt),
    });
    return pool;
  }

  /**
   * @param wire the driver's object that speaks with the server.
   * @param madeAt where its client was made.
   */
  addConnection(pool: PoolState | null, wire: object | null, madeAt: Captured | null): ConnectionState {
    const connection = new ConnectionState(this, ++this.#connections, pool, wire, madeAt);
    this.#connectionLine(connection, 'connecting');
    return connection;
  }

  /**
   * @param backend the server's process id, where the driver knows it.
   * @param pipelined statements will be sent without waiting for the answers to those before.
   */
  connected(connection: ConnectionState, backend: number | null, pipelined: boolean): void {
    this.#connectionLine(connection, 'connected', { ...(backend === null ? {} : { backend }), ...(pipelined ? { pipelined } : {}) });
    // Without a pool, its program holds it for as long as it lives.
    if (connection.pool === null) {
      this.#follow();
      this.acquired(this.requested(null, 'client', connection.madeAt), connection);
    }
  }

  /** What looked like a client without a pool turns out to have one. */
  adopted(connection: ConnectionState, pool: PoolState): void {
    if (connection.pool !== null) return;
    connection.pool = pool;
    if (connection.checkout?.via === 'client') this.ended(connection.checkout, 'released');
    this.#connectionLine(connection, 'connected');
  }

  connectionFailed(connection: ConnectionState, error: string): void {
    connection.closed = true;
    this.#connectionLine(connection, 'failed', { error });
    const { reserved } = connection;
    if (reserved !== null && Number.isNaN(reserved.acquiredAt)) this.ended(reserved, 'failed', error);
  }

  /** The connection is gone; its statements will not be answered. */
  closed(connection: ConnectionState, error: string): void {
    if (connection.closed) return;
    connection.closed = true;
    // What the server said last counts for more than that the connection is gone.
    error = connection.farewell ||= error;
    while (connection.statements.length > 0) {
      connection.statements[0]!.error ||= error;
      this.answered(connection, null, null);
    }
    const { checkout } = connection;
    if (checkout?.via === 'client') this.ended(checkout, 'released', error);
    this.#connectionLine(connection, 'closed', error === '' ? {} : { error });
  }

  /**
   * The program asks a pool for a connection.
   * @param isServed it will get one as soon as it has returned to the event loop: then that is written with it.
   */
  requested(pool: PoolState | null, via: CheckoutSource, captured: Captured | null, isServed = false): Checkout {
    if (via !== 'query') this.#follow();
    else if (this.#trial > 0 && --this.#trial === 0 && this.stacks.detached === 0) this.#unfollow();
    const inside = this.operations.owner;
    const now = this.recorder.now();
    const operation = this.operations.on ? this.operations.create(OPERATION.acquire, captured, now, null) : null;
    const checkout = new Checkout(++this.#checkouts, pool, via, now, captured, inside, operation);
    checkout.slot = this.#freeSlots.pop() ?? this.#open.length;
    this.#open[checkout.slot] = checkout;
    // The program may freeze while it waits.
    if (via !== 'query' && !isServed) this.#report(checkout);
    return checkout;
  }

  acquired(checkout: Checkout, connection: ConnectionState): void {
    const now = this.recorder.now();
    checkout.acquiredAt = now;
    checkout.gapStart = now;
    checkout.connection = connection;
    connection.checkout = checkout;
    if (checkout.reported) this.#records.acquire(checkout, connection);
    else if (checkout.via !== 'query') {
      checkout.reported = true;
      this.#records.taken(checkout, connection);
    }
  }

  /** Released, destroyed, or given up before it was acquired. */
  ended(checkout: Checkout, outcome: CheckoutOutcome, error = ''): void {
    if (checkout.ended) return;
    const { single, connection } = checkout;
    if (connection !== null && error === '') error = connection.farewell;
    // pg-pool releases a `pool.query`'s client in the same breath in which its answer comes.
    const now = checkout.via === 'query' && single !== null ? single.endedAt : this.recorder.now();
    if (connection !== null) {
      if (checkout.inFlight === 0) this.#endGap(checkout, now);
      // Given back before their answer came (after an error, or by a program that does not wait).
      else for (const statement of connection.statements) this.#settle(statement, now, null);
    }
    checkout.ended = true;
    this.#open[checkout.slot] = null;
    this.#freeSlots.push(checkout.slot);
    if (connection?.checkout === checkout) connection.checkout = null;
    if (!checkout.reported) {
      if (single !== null && error === '') return this.#records.query(checkout, single, outcome);
      this.#report(checkout);
    }
    this.#records.end(checkout, now, outcome, error);
  }

  /** What is known of a statement, as given to a pool or a client. */
  statementOf(query: unknown): KnownStatement {
    return this.#statements.find(textOf(query));
  }

  /** The program gives a statement to a client. */
  submitted(connection: ConnectionState, query: unknown): SubmittedStatement {
    const { checkout } = connection;
    // Likewise it submits its statement in the same breath in which it acquires.
    const now = checkout !== null && checkout.via === 'query' ? checkout.acquiredAt : this.recorder.now();
    if (checkout !== null && checkout.inFlight === 0) this.#endGap(checkout, now);
    const statement = this.statementOf(query);
    if (this.#watchfulness.countStatement()) this.operations.stop();
    let captured: Captured | null = null;
    if (checkout === null || checkout.via !== 'query') {
      const isSampled = this.stacks.decide(statement);
      if (isSampled) captured = this.operations.capture();
      if (checkout !== null) checkout.isSampled = isSampled;
    }
    if (checkout !== null) checkout.lastStatement = statement;
    const submitted: SubmittedStatement = {
      checkout,
      statement,
      submittedAt: now,
      sentAt: now,
      endedAt: Number.NaN,
      captured,
      operation: this.operations.on ? this.operations.create(OPERATION.statement, captured ?? (checkout?.via === 'query' ? checkout.captured : null), now, statement) : null,
      query: null,
      error: '',
      isWritten: false,
      suspended: false,
    };
    connection.statements.push(submitted);
    if (checkout !== null) {
      checkout.inFlight++;
      if (checkout.reported && checkout.inFlight === 1) this.#records.start(checkout, submitted);
    }
    return submitted;
  }

  /**
   * The server has answered the statement that is first in line.
   * @param status the transaction status after it; null when it is not known (the connection is gone).
   * @param query the driver's object that was answered, to skip those that never were.
   */
  answered(connection: ConnectionState, status: string | null, query: object | null): void {
    const now = this.recorder.now();
    const { statements, checkout } = connection;
    while (query !== null && statements.length > 1 && statements[0]!.query !== null && statements[0]!.query !== query) {
      this.#settle(statements.shift()!, now, null);
    }
    const first = statements.shift();
    if (first === undefined) return;
    this.#settle(first, now, status);
    connection.lastEndedAt = now;
    if (checkout !== null && statements[0] !== undefined && checkout.reported) this.#records.start(checkout, statements[0]);
  }

  /** The client says that nothing is under way: what was submitted was never sent. */
  abandoned(connection: ConnectionState): void {
    const now = this.recorder.now();
    while (connection.statements.length > 0) this.#settle(connection.statements.shift()!, now, null);
  }

  /** A cursor has delivered the rows it was asked for: nothing runs until it is asked for more. */
  suspended(connection: ConnectionState): void {
    const first = connection.statements[0];
    if (first === undefined || first.suspended) return;
    const { checkout } = first;
    const now = this.recorder.now();
    first.suspended = true;
    if (checkout === null || checkout.ended) return;
    this.#recordStatement(checkout, first, now, now - first.sentAt, checkout.status);
    checkout.inFlight--;
    if (checkout.inFlight === 0) checkout.gapStart = now;
  }

  /** A cursor is asked for more rows. */
  resumed(connection: ConnectionState): void {
    const first = connection.statements[0];
    if (first === undefined || !first.suspended) return;
    const { checkout } = first;
    const now = this.recorder.now();
    first.suspended = false;
    first.sentAt = now;
    if (checkout === null || checkout.ended) return;
    if (checkout.inFlight === 0) this.#endGap(checkout, now);
    checkout.inFlight++;
    if (checkout.reported) this.#records.start(checkout, first);
  }

  /** Called from time to time: writes down what has been going on for long. */
  review(elapsedMs: number): void {
    this.stacks.refill(elapsedMs);
    const now = this.recorder.now();
    if (this.stacks.detached > 0 && !this.#follows) this.#follow();
    if (this.#follows) {
      if (this.#watchfulness.decide()) this.operations.start();
      else this.operations.stop();
    }
    for (const checkout of this.#open) {
      if (checkout === null) continue;
      if (!checkout.reported && (checkout.via !== 'query' || now - checkout.requestedAt >= REPORT_AFTER_MS)) this.#report(checkout);
      const { gapStart, openGap } = checkout;
      const dueMs = openGap?.start === gapStart ? (openGap.describedAt - gapStart) * OPEN_GAP_GROWTH : OPEN_GAP_MS;
      if (now - gapStart >= dueMs && this.#isGapOpen(checkout)) this.#records.gap(checkout, describeOpenGap(this.stacks, checkout, now));
    }
  }

  /** The recording ends: writes what has not been written yet, and what the open gaps wait for. */
  finish(): void {
    const now = this.recorder.now();
    for (const checkout of this.#open) if (checkout !== null && !checkout.reported) this.#report(checkout);
    let left = MOST_AT_END;
    for (const checkout of this.#open) {
      if (checkout === null || now - checkout.gapStart < SHORTEST_GAP_MS || !this.#isGapOpen(checkout)) continue;
      if (left-- === 0) return;
      this.#records.gap(checkout, describeOpenGap(this.stacks, checkout, now));
    }
  }

  /** From the first connection on that the program holds itself; `pool.query` alone leaves no gaps to explain. */
  #follow(): void {
    this.#trial = 0;
    if (this.#follows) return;
    this.#follows = true;
    this.operations.start();
  }

  #unfollow(): void {
    this.#follows = false;
    this.operations.stop();
  }

  #connectionLine(connection: ConnectionState, state: string, more: object = {}): void {
    this.recorder.line({ type: 'connection', id: connection.id, t: round(this.recorder.now()), pool: connection.pool?.id ?? 0, state, ...more });
  }

  #settle(statement: SubmittedStatement, now: number, status: string | null): void {
    const { checkout } = statement;
    if (checkout === null || checkout.ended || statement.suspended) return;
    if (status !== null) checkout.status = status === 'I' ? IDLE : status === 'T' ? IN_TRANSACTION : Math.max(IDLE, TRANSACTION_STATUSES.indexOf(status as 'I'));
    const sentAt = Math.max(statement.sentAt, checkout.connection?.lastEndedAt ?? 0);
    this.#recordStatement(checkout, statement, now, now - sentAt, checkout.status);
    checkout.inFlight--;
    if (checkout.inFlight === 0) checkout.gapStart = now;
  }

  #recordStatement(checkout: Checkout, statement: SubmittedStatement, now: number, durationMs: number, status: number): void {
    if (!checkout.reported && checkout.single === null && statement.error === '') {
      statement.endedAt = now;
      checkout.single = statement;
      return;
    }
    if (!checkout.reported) this.#report(checkout);
    this.#records.statement(checkout, statement, now, durationMs, status);
  }

  #endGap(checkout: Checkout, now: number): void {
    const start = checkout.gapStart;
    if (start === now) return;
    if (!this.#isGapOfInterest(checkout)) return;
    const { operations } = this;
    const waits = operations.on ? explainGap(operations.current, checkout, start, now) : [];
    const isLong = now - start >= SHORTEST_GAP_MS;
    if (waits.length === 0 && !isLong && checkout.openGap?.start !== start) return;
    // A long gap that was watched and in which nothing was awaited is the program's own work, or the machine's.
    const isWatched = operations.on && operations.since <= start;
    if (waits.length > 0 || !isWatched) this.#watchfulness.noteGap();
    if (!checkout.reported) this.#report(checkout);
    const gap = describeGap(this.stacks, checkout, now, waits, this.operations.capture());
    if (!isWatched) gap.unwatched = true;
    this.#records.gap(checkout, gap);
  }

  #isGapOpen(checkout: Checkout): boolean {
    return checkout.inFlight === 0 && !Number.isNaN(checkout.acquiredAt) && this.#isGapOfInterest(checkout);
  }

  /** A client that nobody shares may well rest, as long as it holds no transaction. */
  #isGapOfInterest(checkout: Checkout): boolean {
    return checkout.via !== 'client' || checkout.status !== 0;
  }

  #report(checkout: Checkout): void {
    checkout.reported = true;
    const isRecorded = this.#records.request(checkout);
    const { connection, single } = checkout;
    if (!isRecorded || connection === null) return;
    this.#records.acquire(checkout, connection);
    checkout.single = null;
    if (single !== null) this.#recordStatement(checkout, single, single.endedAt, single.endedAt - single.sentAt, checkout.status);
    const running = connection.statements[0];
    if (running !== undefined && !running.suspended) this.#records.start(checkout, running);
  }
}
