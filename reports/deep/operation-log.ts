/** All asynchronous operations of a process, as compact as a few numbers each: there may be a million of them. */

/** Runs as a continuation of whatever began the turn of the event loop. */
const CONTINUATIONS: readonly string[] = ['PROMISE', 'TickObject', 'Microtask'];
/** Beyond this, ids are no ids. */
const GREATEST_ID = 2 ** 25;

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
  /** The callback that began the turn. */
  #turn = new Uint32Array(4096);
  #callbacks = 0;
  #lastTurn = 0;
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
    if (this.#running.length === 0 && !CONTINUATIONS.includes(type)) this.#lastTurn = index;
    this.#ran[index] = id;
    this.#ranAt[index] = ms;
    this.#turn[index] = this.#lastTurn;
    this.#running.push(id);
  }

  addAfter(id: number): void {
    // An exception may have skipped the end of what ran inside.
    const at = this.#running.lastIndexOf(id);
    if (at >= 0) this.#running.length = at;
  }

  /** Whether any callback was seen: without them nothing can be followed. */
  get hasCallbacks(): boolean {
    return this.#callbacks > 0;
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

  /** The callback of an operation in which the program was at a time; -1: none is known. It is looked for among the latest. */
  callbackOf(id: number, atMs: number): number {
    for (let index = this.#lastCallback(atMs), looked = 0; index >= 0 && looked < 10_000; index--, looked++) if (this.#ran[index] === id) return index;
    return -1;
  }

  idOf(callback: number): number {
    return this.#ran[callback] ?? 0;
  }

  ranMs(callback: number): number {
    return this.#ranAt[callback] ?? Number.NaN;
  }

  /** The callback with which the event loop began the turn that this one is of. */
  turnOf(callback: number): number {
    return this.#turn[callback] ?? 0;
  }

  #lastCallback(atMs: number): number {
    let low = 0;
    let high = this.#callbacks;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranAt[middle] as number) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
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
    this.#turn = grown(new Uint32Array(length), this.#turn);
  }
}

function grown<Numbers extends Uint16Array | Uint32Array | Float64Array>(longer: Numbers, old: Numbers): Numbers {
  longer.set(old);
  return longer;
}
