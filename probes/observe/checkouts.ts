/** What the probe knows of pools, connections and checkouts while they live. */
import type { CheckoutSource } from '../trace/events.js';
import type { OpenGap } from './gaps.js';
import type { OutgoingCall } from './outgoing-calls.js';
import type { Observer } from './observer.js';
import { OPERATION } from './operation-kinds.js';
import type { Operation } from './operation.js';
import type { Captured, Sampled } from './stacks.js';
import type { KnownStatement } from './statements.js';

export class PoolState implements Sampled {
  seen = 0;

  constructor(
    /** Whose it is: a later recording of the same process knows nothing of an earlier one's pools. */
    readonly observer: Observer,
    readonly id: number,
    /** Its limit, as it was when the pool was first used. */
    readonly max: number,
  ) {}
}

export class ConnectionState {
  readonly statements: SubmittedStatement[] = [];
  checkout: Checkout | null = null;
  /** When the statement before ended: the next one was sent no earlier. */
  lastEndedAt = 0;
  closed = false;
  /** Code of the error by which the server, or the network, ended it. */
  farewell = '';
  /** The request that it is being opened for, where its pool says so. */
  reserved: Checkout | null = null;

  constructor(
    /** Whose it is, as of a pool. */
    readonly observer: Observer,
    readonly id: number,
    public pool: PoolState | null,
    /** The driver's object that speaks with the server. */
    readonly wire: object | null,
    /** Where its client was made. */
    readonly madeAt: Captured | null,
  ) {}

  /** Whether `handle` is the socket to the server, in plain or under TLS. */
  speaksThrough(handle: object): boolean {
    const wire: { stream?: Stream } | null = this.wire;
    const stream = wire?.stream;
    return stream !== undefined && (stream._handle === handle || stream._parent?._handle === handle);
  }
}

interface Stream {
  _handle?: object | null;
  _parent?: Stream | null;
}

/** A statement given to `client.query` that is not yet answered. */
export interface SubmittedStatement {
  /** In which it was submitted: a client may be released before its statement is answered. */
  readonly checkout: Checkout | null;
  readonly statement: KnownStatement;
  readonly submittedAt: number;
  /** When the server got it, or (a cursor) the last request for rows. */
  sentAt: number;
  /** Set for the single statement of a `pool.query`. */
  endedAt: number;
  readonly captured: Captured | null;
  readonly operation: Operation | null;
  /** The driver's object for it; null where it could not be told. */
  query: object | null;
  error: string;
  /** The recorder has its start. */
  isWritten: boolean;
  /** A cursor between two reads: nothing is running on the server. */
  suspended: boolean;
}

/** Turns of a gap to remember the start of: a library may go on for a few by itself. */
const MOST_TURNS = 8;

export class Checkout {
  /** Its place among the open ones. */
  slot = 0;
  acquiredAt = Number.NaN;
  connection: ConnectionState | null = null;
  ended = false;
  /** Index into TRANSACTION_STATUSES. */
  status = 0;
  /** Statements that the server has or will get without a further word of the program. */
  inFlight = 0;
  /** Start of the present gap; meaningful while `inFlight` is 0. */
  gapStart = Number.NaN;
  /** The recorder has its request; until then only `pool.query`'s single statement is kept here. */
  reported = false;
  /** The answered statement of a `pool.query` that was not reported yet. */
  single: SubmittedStatement | null = null;
  /** Whether the stacks of what its flow does now are worth their cost. */
  isSampled = true;
  /** The statement before the present gap. */
  lastStatement: KnownStatement | null = null;
  /** What was written of its latest long gap while that was open. */
  openGap: OpenGap | null = null;
  /** What its flow started last, promises aside where there is anything else that is not over. */
  lastStarted: Operation | null = null;
  /** What it started before that and was not over by then: what came last may be node's own. */
  startedBefore: Operation | null = null;
  /** What its flow waited for first, that is innermost, in each of the last turns of the present gap; the latest last. */
  turnStarts: Operation[] | null = null;
  /** HTTP requests and child processes that this flow began while it held the connection. */
  calls: OutgoingCall[] | null = null;
  /** The connection that this flow asked for last while it held this one. */
  lastRequest: Checkout | null = null;

  constructor(
    readonly id: number,
    readonly pool: PoolState | null,
    readonly via: CheckoutSource,
    readonly requestedAt: number,
    readonly captured: Captured | null,
    /** What the requesting flow already held. */
    readonly inside: Checkout | null,
    readonly operation: Operation | null,
  ) {
    if (inside !== null) inside.lastRequest = this;
  }

  noteStart(operation: Operation): void {
    const { lastStarted } = this;
    // Promises only stand for what others do: those of the helpers around a timer come after it.
    if (operation.kind !== OPERATION.promise || lastStarted === null || lastStarted.kind === OPERATION.promise || lastStarted.completedAt !== null) {
      if (lastStarted !== null && lastStarted.completedAt === null) this.startedBefore = lastStarted;
      this.lastStarted = operation;
    }
    if (operation.parent === null) return;
    const turnStarts = (this.turnStarts ??= []);
    const before = turnStarts.at(-1);
    const { at } = operation.createdAt;
    if (before !== undefined && before.createdAt.at === at) return;
    if (before !== undefined && before.createdAt.at < this.gapStart) turnStarts.length = 0;
    if (turnStarts.length === MOST_TURNS) turnStarts.shift();
    turnStarts.push(operation);
  }

  /** Whether what the flow does now counts as done while it holds a connection: one without a pool is nobody else's, and no matter outside of a transaction. */
  get isHeld(): boolean {
    return !this.ended && (this.via !== 'client' || this.status !== 0);
  }

  /** Whether one of the two was requested by a flow that held the other: what either did, this flow did. */
  isOfFlow(other: Checkout): boolean {
    return this.#isInside(other) || other.#isInside(this);
  }

  #isInside(other: Checkout): boolean {
    for (let own: Checkout | null = this; own !== null; own = own.inside) if (own === other) return true;
    return false;
  }
}
