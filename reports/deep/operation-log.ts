import { lastAtOrBefore } from '../binary-search.js';

/** All asynchronous operations of a process, as compact as a few numbers each: there may be a million of them. */

/** Runs as a continuation of whatever began the turn of the event loop. */
const CONTINUATIONS: readonly string[] = ['PROMISE', 'TickObject', 'Microtask'];
/** They have no callback: node settles the promise of their result. */
const SILENT: readonly string[] = ['FSREQPROMISE', 'FILEHANDLECLOSEREQ'];
/** That promise is made right before or after them. */
const NEXT_TO = 2;
const MOST_IN_A_TURN = 500;
/** How many callbacks may have run inside of one before. */
const MOST_INSIDE = 1000;
/** The clock of the events has microseconds. */
const ROUNDING_MS = 0.002;
/** Beyond this, ids are no ids. */
const GREATEST_ID = 2 ** 25;

/** A turn of the event loop, begun by the callback of an operation, or by its completion where it has none. */
export interface Turn {
  id: number;
  ms: number;
  /** The first callback in it. */
  first: number;
}

export class OperationLog {
  readonly #types: string[] = [''];
  readonly #typeNumbers = new Map<string, number>();
  // By id; type 0: nothing is known of it.
  #type = new Uint16Array(4096);
  #trigger = new Uint32Array(4096);
  #execution = new Uint32Array(4096);
  #created = new Float64Array(4096);
  // Callbacks and jobs, in the order in which they began.
  #ran = new Uint32Array(4096);
  #ranAt = new Float64Array(4096);
  #endedAt = new Float64Array(4096);
  /** Index in `#turns`. */
  #turn = new Uint32Array(4096);
  #callbacks = 0;
  readonly #turns: Turn[] = [{ id: 0, ms: Number.NaN, first: 0 }];
  /** Callbacks, the innermost last. */
  readonly #running: number[] = [];
  size = 0;

  addCreated(id: number, type: string, trigger: number, execution: number, ms: number): void {
    if (!(id > 0 && id < GREATEST_ID)) return;
    if (id >= this.#type.length) this.#growIds(id);
    if (this.#type[id] === 0) this.size += 1;
    this.#type[id] = this.#typeNumber(type);
    this.#trigger[id] = trigger;
    this.#execution[id] = execution;
    this.#created[id] = ms;
  }

  addBefore(id: number, type: string, ms: number): void {
    const index = this.#callbacks++;
    if (index >= this.#ran.length) this.#growCallbacks();
    if (this.#running.length === 0 && !CONTINUATIONS.includes(type)) this.#turns.push({ id, ms, first: index });
    this.#ran[index] = id;
    this.#ranAt[index] = ms;
    this.#turn[index] = this.#turns.length - 1;
    this.#endedAt[index] = Infinity;
    this.#running.push(index);
  }

  /**
   * Requests of `fs/promises` have no callback: node settles their promise, lets what waits for it run, and drops the
   * request. So it began a turn of its own.
   */
  addDestroyed(id: number): void {
    const last = this.#callbacks - 1;
    if (last < 0 || !SILENT.includes(this.typeOf(id))) return;
    const turn = this.#turn[last] as number;
    const from = Math.max(this.#turns[turn]?.first ?? 0, last - MOST_IN_A_TURN);
    for (let index = from; index <= last; index++) {
      const promise = this.triggerOf(this.#ran[index] as number);
      if (Math.abs(promise - id) > NEXT_TO || promise === id || this.executionOf(promise) !== this.executionOf(id) || this.typeOf(promise) !== 'PROMISE') continue;
      this.#turns.push({ id, ms: this.#ranAt[index] as number, first: index });
      this.#turn.fill(this.#turns.length - 1, index, last + 1);
      return;
    }
  }

  addAfter(id: number, ms: number): void {
    const at = this.#running.findLastIndex((index) => this.#ran[index] === id);
    // An exception may have skipped the end of what ran inside.
    if (at >= 0) for (const index of this.#running.splice(at)) this.#endedAt[index] = ms;
  }

  /** Whether any callback was seen: without them nothing can be followed. */
  get hasCallbacks(): boolean {
    return this.#callbacks > 0;
  }

  /** When the last callback began: what happened later was not collected. */
  get lastMs(): number {
    return this.#ranAt[this.#callbacks - 1] ?? Number.NaN;
  }

  /** "" when nothing is known of it. */
  typeOf(id: number): string {
    return this.#types[this.#type[id] ?? 0] ?? '';
  }

  triggerOf(id: number): number {
    return this.#trigger[id] ?? 0;
  }

  executionOf(id: number): number {
    return this.#execution[id] ?? 0;
  }

  createdMs(id: number): number {
    return this.#created[id] ?? Number.NaN;
  }

  /** The callback of an operation in which the program was at a time; -1: none is known. */
  callbackOf(id: number, atMs: number): number {
    return this.#findRunning(atMs, (index) => this.#ran[index] === id);
  }

  /** The innermost callback that ran at a time; -1: none. */
  callbackAt(atMs: number): number {
    return this.#findRunning(atMs, () => true);
  }

  #findRunning(atMs: number, isIt: (callback: number) => boolean): number {
    const last = this.#lastCallback(atMs);
    for (let index = last; index >= 0 && last - index < MOST_INSIDE; index--) {
      if ((this.#endedAt[index] as number) >= atMs - ROUNDING_MS && isIt(index)) return index;
    }
    return -1;
  }

  idOf(callback: number): number {
    return this.#ran[callback] ?? 0;
  }

  ranMs(callback: number): number {
    return this.#ranAt[callback] ?? Number.NaN;
  }

  /** The turn that a callback is of. */
  turnOf(callback: number): Turn {
    return this.#turns[this.#turn[callback] ?? 0] as Turn;
  }

  #lastCallback(atMs: number): number {
    return lastAtOrBefore(this.#ranAt, atMs, this.#callbacks);
  }

  #typeNumber(type: string): number {
    let number = this.#typeNumbers.get(type);
    if (number === undefined) {
      // Names of the program's own resources are free text.
      number = this.#types.length < 60_000 ? this.#types.push(type) - 1 : 1;
      this.#typeNumbers.set(type, number);
    }
    return number;
  }

  #growIds(id: number): void {
    const length = Math.max(id + 1, this.#type.length * 2);
    this.#type = grown(new Uint16Array(length), this.#type);
    this.#trigger = grown(new Uint32Array(length), this.#trigger);
    this.#execution = grown(new Uint32Array(length), this.#execution);
    this.#created = grown(new Float64Array(length), this.#created);
  }

  #growCallbacks(): void {
    const length = this.#ran.length * 2;
    this.#ran = grown(new Uint32Array(length), this.#ran);
    this.#ranAt = grown(new Float64Array(length), this.#ranAt);
    this.#endedAt = grown(new Float64Array(length), this.#endedAt);
    this.#turn = grown(new Uint32Array(length), this.#turn);
  }
}

function grown<Numbers extends Uint16Array | Uint32Array | Float64Array>(longer: Numbers, old: Numbers): Numbers {
  longer.set(old);
  return longer;
}
