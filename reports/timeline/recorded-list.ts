import { CHECKOUT_SOURCES, type CheckoutSource } from '../../probes/trace/events.js';
import type { Connection, Pool, Stack, Statement } from '../model.js';
import { viaOf } from '../read/checkout-table.js';
import type { CheckoutList } from './checkout-list.js';
import type { RecordedCheckout } from './recorded-checkout.js';
import type { RecordedRun } from './recorded-run.js';
import { orderRows } from './order-rows.js';
import { emptyTimes, type Times } from './times.js';

/** The checkouts of all runs by the time of their request; those of one time as they are in their traces. */
export function listRuns(runs: readonly RecordedRun[]): RecordedList {
  const starts = [0];
  for (const { table } of runs) starts.push((starts.at(-1) as number) + table.length);
  const requestedMs = new Float64Array(starts.at(-1) as number);
  for (const [index, { table, startMs }] of runs.entries()) {
    const first = starts[index] as number;
    for (let row = 0; row < table.length; row += 1) requestedMs[first + row] = startMs + table.t.at(row);
  }
  return new RecordedList(runs, starts, orderRows(requestedMs, starts));
}

/** Rows of recorded runs, numbered through all of them. */
export class RecordedList implements CheckoutList {
  readonly #runs: readonly RecordedRun[];
  /** The numbers of the runs' first rows. */
  readonly #starts: readonly number[];
  readonly #rows: Uint32Array;
  /** The run of the row that was asked for last: the next one is most likely of the same. */
  #run: RecordedRun | undefined;
  #from = 0;
  #until = 0;
  #times: Times | undefined;
  #traits: Uint16Array | undefined;
  #byPool: Map<Pool | null, RecordedList> | undefined;

  constructor(runs: readonly RecordedRun[], starts: readonly number[], rows: Uint32Array) {
    this.#runs = runs;
    this.#starts = starts;
    this.#rows = rows;
  }

  get length(): number {
    return this.#rows.length;
  }

  at(index: number): RecordedCheckout {
    const row = this.#turnTo(index);
    return this.#own.checkoutOf(row);
  }

  glanceAt(index: number): RecordedCheckout {
    const row = this.#turnTo(index);
    return this.#own.glanceAt(row);
  }

  *[Symbol.iterator](): Generator<RecordedCheckout> {
    for (let index = 0; index < this.length; index += 1) yield this.at(index);
  }

  /** All of them, made. */
  toArray(): RecordedCheckout[] {
    return Array.from({ length: this.length }, (_, index) => this.at(index));
  }

  get times(): Times {
    if (this.#times === undefined) {
      this.#times = emptyTimes(this.length);
      for (let index = 0; index < this.length; index += 1) {
        const row = this.#turnTo(index);
        this.#own.copyTimes(row, this.#times, index);
      }
    }
    return this.#times;
  }

  /** To be asked for when all is known that changes them. */
  get traits(): Uint16Array {
    if (this.#traits === undefined) {
      this.#traits = new Uint16Array(this.length);
      for (let index = 0; index < this.length; index += 1) {
        const row = this.#turnTo(index);
        this.#traits[index] = this.#own.traitsOf(row);
      }
    }
    return this.#traits;
  }

  longestPause(index: number): number {
    const row = this.#turnTo(index);
    return this.#own.longestPause(row);
  }

  visitPauses(index: number, visit: (before: Statement, after: Statement | undefined) => void): void {
    const row = this.#turnTo(index);
    this.#own.visitPauses(row, visit);
  }

  /** Bits of MARK and more, see CheckoutTable. */
  factsOf(index: number): number {
    const row = this.#turnTo(index);
    return this.#own.table.facts.at(row);
  }

  idOf(index: number): string {
    const row = this.#turnTo(index);
    return this.#own.idOf(row);
  }

  withIds(ids: ReadonlySet<string>): number[] {
    // An id is its trace's key and a number: texts of a million of them would take longer than all else.
    const numbers = new Set([...ids].map((id) => Number(id.slice(id.lastIndexOf(':') + 1))));
    const found: number[] = [];
    for (let index = 0; index < this.length; index += 1) {
      const row = this.#turnTo(index);
      if (numbers.has(this.#own.table.id.at(row)) && ids.has(this.idOf(index))) found.push(index);
    }
    return found;
  }

  connectionOf(index: number): Connection | null {
    const row = this.#turnTo(index);
    return this.#own.connectionOf(row);
  }

  viaOf(index: number): CheckoutSource {
    return CHECKOUT_SOURCES[viaOf(this.factsOf(index))] as CheckoutSource;
  }

  stackOf(index: number): Stack | null {
    const row = this.#turnTo(index);
    return this.#own.stackOf(row);
  }

  countParts(index: number): number {
    const row = this.#turnTo(index);
    return this.#own.countParts(row);
  }

  onConnections(connections: ReadonlySet<Connection>): RecordedCheckout[] {
    const found: RecordedCheckout[] = [];
    for (let index = 0; index < this.length; index += 1) {
      const row = this.#turnTo(index);
      const connection = this.#own.connectionOf(row);
      if (connection !== null && connections.has(connection)) found.push(this.at(index));
    }
    return found;
  }

  get byPool(): ReadonlyMap<Pool | null, RecordedList> {
    return (this.#byPool ??= this.#groupByPool());
  }

  #groupByPool(): Map<Pool | null, RecordedList> {
    const pools = new Map<Pool | null, number>();
    const counts: number[] = [];
    // A pool's number is looked up by its id once in each trace: not for each of a million checkouts.
    const known = new Map(this.#runs.map((run) => [run, new Map<number, number>()]));
    const numberOf = (run: RecordedRun, row: number, id: number): number => {
      const pool = run.poolOf(row);
      const number = pools.get(pool) ?? counts.push(0) - 1;
      pools.set(pool, number);
      known.get(run)?.set(id, number);
      return number;
    };
    const numbers = new Uint32Array(this.length);
    let last: RecordedRun | undefined;
    let byId = new Map<number, number>();
    for (let index = 0; index < numbers.length; index += 1) {
      const row = this.#turnTo(index);
      const run = this.#own;
      if (run !== last) byId = known.get((last = run)) as Map<number, number>;
      const id = run.table.pool.at(row);
      const number = byId.get(id) ?? numberOf(run, row, id);
      numbers[index] = number;
      counts[number] = (counts[number] as number) + 1;
    }
    const groups = counts.map((length) => new Uint32Array(length));
    const used = counts.map(() => 0);
    for (let index = 0; index < numbers.length; index += 1) {
      const number = numbers[index] as number;
      const at = used[number] as number;
      (groups[number] as Uint32Array)[at] = this.#rows[index] as number;
      used[number] = at + 1;
    }
    return new Map([...pools].map(([pool, number]) => [pool, new RecordedList(this.#runs, this.#starts, groups[number] as Uint32Array)]));
  }

  /** Turns to the run of a row. @returns the row's number in it. */
  #turnTo(index: number): number {
    const row = this.#rows[index] as number;
    if (row < this.#from || row >= this.#until) this.#change(row);
    return row - this.#from;
  }

  #change(row: number): void {
    const run = this.#starts.findLastIndex((start) => start <= row);
    this.#run = this.#runs[run];
    this.#from = this.#starts[run] as number;
    this.#until = this.#starts[run + 1] as number;
  }

  get #own(): RecordedRun {
    return this.#run as RecordedRun;
  }
}
