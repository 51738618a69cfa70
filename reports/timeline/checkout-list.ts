import type { CheckoutSource } from '../../probes/trace/events.js';
import type { Checkout, Connection, Pool, Stack, Statement, Timeline } from '../model.js';
import { groupByPool } from './by-pool.js';
import { emptyTimes, type Times } from './times.js';

/**
 * Checkouts in the order of a timeline, and what of them can be had without them: of a recording, each is made when it is
 * asked for. What goes through a million of them looks at these columns, and asks for the few that matter.
 */
export interface CheckoutList extends Iterable<Checkout> {
  readonly length: number;
  /** The same object each time. */
  at(index: number): Checkout;
  /** To look at and to forget: what `at` makes is kept, and this is not. It is the same object where that was made before. */
  glanceAt(index: number): Checkout;
  readonly times: Times;
  idOf(index: number): string;
  /** The positions of those that have one of these ids. */
  withIds(ids: ReadonlySet<string>): number[];
  connectionOf(index: number): Connection | null;
  viaOf(index: number): CheckoutSource;
  stackOf(index: number): Stack | null;
  /** How many statements, gaps, waits and transactions are in it, all together. */
  countParts(index: number): number;
  /** The longest gap in its transactions, less what was awaited in it; NaN where only the gaps themselves tell. */
  longestPause(index: number): number;
  /** Visits the gaps in its transactions: what ran before and after each. To be asked where `longestPause` is a number. */
  visitPauses(index: number, visit: (before: Statement, after: Statement | undefined) => void): void;
  /** Bits of TRAIT; null: nothing is known of them. */
  readonly traits: Uint16Array | null;
  /** Those that had one of these connections, in their order. */
  onConnections(connections: ReadonlySet<Connection>): readonly Checkout[];
  /** In their order; the pools in that of their first checkouts. */
  readonly byPool: ReadonlyMap<Pool | null, CheckoutList>;
}

const recorded = new WeakMap<Timeline, CheckoutList>();
const held = new WeakMap<readonly Checkout[], CheckoutList>();

/** The checkouts of a timeline: to be asked in place of `timeline.checkouts` where there may be very many. */
export function checkoutsOf(timeline: Timeline): CheckoutList {
  return recorded.get(timeline) ?? listOf(timeline.checkouts);
}

export function knowCheckouts(timeline: Timeline, list: CheckoutList): void {
  recorded.set(timeline, list);
}

/** Checkouts that are there already. */
export function listOf(checkouts: readonly Checkout[]): CheckoutList {
  let list = held.get(checkouts);
  if (list === undefined) held.set(checkouts, (list = new HeldCheckouts(checkouts)));
  return list;
}

class HeldCheckouts implements CheckoutList {
  readonly length: number;
  readonly traits = null;
  readonly #checkouts: readonly Checkout[];
  #times: Times | undefined;
  #byPool: ReadonlyMap<Pool | null, CheckoutList> | undefined;

  constructor(checkouts: readonly Checkout[]) {
    this.#checkouts = checkouts;
    this.length = checkouts.length;
  }

  [Symbol.iterator](): Iterator<Checkout> {
    return this.#checkouts[Symbol.iterator]();
  }

  at(index: number): Checkout {
    return this.#checkouts[index] as Checkout;
  }

  glanceAt(index: number): Checkout {
    return this.at(index);
  }

  get times(): Times {
    return (this.#times ??= timesOf(this.#checkouts));
  }

  idOf(index: number): string {
    return this.at(index).id;
  }

  withIds(ids: ReadonlySet<string>): number[] {
    return [...this.#checkouts.keys()].filter((index) => ids.has(this.idOf(index)));
  }

  connectionOf(index: number): Connection | null {
    return this.at(index).connection;
  }

  viaOf(index: number): CheckoutSource {
    return this.at(index).via;
  }

  stackOf(index: number): Stack | null {
    return this.at(index).stack;
  }

  countParts(index: number): number {
    const { queries, gaps, transactions } = this.at(index);
    return gaps.reduce((sum, { waits }) => sum + waits.length, queries.length + gaps.length + transactions.length);
  }

  longestPause(): number {
    return Number.NaN;
  }

  visitPauses(): void {
    throw new Error('the gaps themselves are there');
  }

  onConnections(connections: ReadonlySet<Connection>): readonly Checkout[] {
    return this.#checkouts.filter(({ connection }) => connection !== null && connections.has(connection));
  }

  get byPool(): ReadonlyMap<Pool | null, CheckoutList> {
    return (this.#byPool ??= new Map([...groupByPool(this.#checkouts)].map(([pool, own]) => [pool, listOf(own)])));
  }
}

function timesOf(checkouts: readonly Checkout[]): Times {
  const times = emptyTimes(checkouts.length);
  for (const [index, { requestedMs, acquiredMs, endedMs }] of checkouts.entries()) {
    times.requestedMs[index] = requestedMs;
    times.acquiredMs[index] = acquiredMs ?? Number.NaN;
    times.endedMs[index] = endedMs ?? Number.NaN;
  }
  return times;
}
