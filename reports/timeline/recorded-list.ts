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
    if (this.#byPool === undefined) {
      const groups = new Map<Pool | null, Uint32Array>();
      for (const [pool, length] of this.#countByPool()) groups.set(pool, new Uint32Array(length));
      const used = new Map<Pool | null, number>();
      for (let index = 0; index < this.length; index += 1) {
        const row = this.#turnTo(index);
        const pool = this.#own.poolOf(row);
        const at = used.get(pool) ?? 0;
        (groups.get(pool) as Uint32Array)[at] = this.#rows[index] as number;
        used.set(pool, at + 1);
      }
      this.#byPool = new Map([...groups].map(([pool, rows]) => [pool, new RecordedList(this.#runs, this.#starts, rows)]));
    }
    return this.#byPool;
  }

  #countByPool(): Map<Pool | null, number> {
    const counts = new Map<Pool | null, number>();
    for (let index = 0; index < this.length; index += 1) {
      const row = this.#turnTo(index);
      const pool = this.#own.poolOf(row);
      counts.set(pool, (counts.get(pool) ?? 0) + 1);
    }
    return counts;
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
