/**
 * The seam between the program's thread and the writer thread: a single-producer, single-consumer ring of numbers in shared
 * memory. A record is one header cell (kind and length) and its numbers; a record with text has it packed behind the
 * numbers, four UTF-16 units a cell. The producer never waits: what does not fit is dropped and counted.
 */

/** 1 MiB: some 80,000 checkouts, four seconds of the fastest load that was measured, between two drains of 50 ms. */
export const RING_CELLS = 1 << 17;

/** Indices into the control words. */
export const CONTROL = {
  /** Where the producer writes next, where the consumer reads next: cell numbers. */
  head: 0,
  tail: 1,
  /** Records dropped so far. */
  dropped: 2,
  /** Counts up with every turn of the program's heartbeat. */
  heartbeat: 3,
  /** One of WRITER_STATES. */
  writer: 4,
  /** Length of the note in SharedRing.note: the stack of the last call of this turn that may block; 0: none. */
  noted: 5,
  /** One of SESSION_STATES. */
  session: 6,
  /** Number of the trace's file that is being written. */
  part: 7,
} as const;
const CONTROL_WORDS = 8;

/** How often the program's heart beats. */
export const BEAT_MS = 50;
/** Behind the words, a number: the time of the last heartbeat, or of the start. */
const LAST_BEAT_OFFSET = CONTROL_WORDS * 4;
/** Longest note, in UTF-16 units. */
const NOTE_UNITS = 16_384;

/** idle: nobody drains yet. thread: the writer thread does. main: the program's thread took over at exit. done: all is written. */
export const WRITER_STATES = { idle: 0, thread: 1, main: 2, done: 3 } as const;

/** Of the writer thread's inspector session with the program's thread. barred: the program may end any moment, none is to be opened. */
export const SESSION_STATES = { none: 0, open: 1, barred: 2 } as const;

export interface SharedRing {
  cells: SharedArrayBuffer;
  control: SharedArrayBuffer;
  note: SharedArrayBuffer;
}

export function createSharedRing(): SharedRing {
  return {
    cells: new SharedArrayBuffer(RING_CELLS * 8),
    control: new SharedArrayBuffer(LAST_BEAT_OFFSET + 8),
    note: new SharedArrayBuffer(NOTE_UNITS * 2),
  };
}

/** The time of the last heartbeat, as an array of one number. Only for when the program's thread stands still, or for itself. */
export function lastBeatOf(ring: SharedRing): Float64Array {
  return new Float64Array(ring.control, LAST_BEAT_OFFSET, 1);
}

/** Leaves a note; one that is too long is none. */
export function putNote({ control, note }: SharedRing, text: string): void {
  if (text.length > NOTE_UNITS) return;
  const units = new Uint16Array(note);
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  Atomics.store(new Int32Array(control), CONTROL.noted, text.length);
}

/** The note; null when there is none, or when it went or came anew meanwhile. */
export function readNote({ control, note }: SharedRing): string | null {
  const words = new Int32Array(control);
  const length = Atomics.load(words, CONTROL.noted);
  if (length === 0) return null;
  let text = '';
  const units = new Uint16Array(note, 0, length);
  for (let i = 0; i < length; i += 4096) text += String.fromCharCode(...units.subarray(i, i + 4096));
  return Atomics.load(words, CONTROL.noted) === length ? text : null;
}

const PADDING = 0;
const LENGTH_FACTOR = 256;

/**
 * These processors make stores visible in the order of the program, so that a plain one hands a record over. `Atomics.store`
 * is a call that also waits until all of them are: 70 ns, nine times a transaction, a quarter of what the probe cost one.
 */
const KEEPS_ORDER = process.arch === 'x64' || process.arch === 'ia32';

/** Writes records; belongs to the program's thread. */
export class RingProducer {
  readonly cells: Float64Array;
  readonly #units: Uint16Array;
  readonly #control: Int32Array;
  #head = 0;
  #tailSeen = 0;

  constructor(ring: SharedRing) {
    this.cells = new Float64Array(ring.cells);
    this.#units = new Uint16Array(ring.cells);
    this.#control = new Int32Array(ring.control);
  }

  /**
   * Begins a record of `length` numbers and as much text as given. The numbers are then put into `cells`, and the record
   * handed over by `commit`.
   * @returns the cell of the first number; -1 when there is no room (which is counted, unless `quiet`).
   */
  begin(kind: number, length: number, text = '', quiet = false): number {
    const size = 1 + length + (text === '' ? 0 : 1 + Math.ceil(text.length / 4));
    let start = this.#head;
    if (start + size > RING_CELLS) {
      if (!this.#hasRoom(RING_CELLS - start + size)) return this.#drop(quiet);
      this.cells[start] = PADDING;
      start = 0;
    } else if (!this.#hasRoom(size)) {
      return this.#drop(quiet);
    }
    this.cells[start] = kind + size * LENGTH_FACTOR;
    if (text !== '') this.#putText(start + 1 + length, text);
    this.#head = start + size;
    return start + 1;
  }

  /** Hands the record to the consumer. */
  commit(): void {
    if (this.#head === RING_CELLS) this.#head = 0;
    if (KEEPS_ORDER) this.#control[CONTROL.head] = this.#head;
    else Atomics.store(this.#control, CONTROL.head, this.#head);
  }

  #putText(cell: number, text: string): void {
    this.cells[cell] = text.length;
    let unit = (cell + 1) * 4;
    for (let i = 0; i < text.length; i++) this.#units[unit++] = text.charCodeAt(i);
  }

  #hasRoom(needed: number): boolean {
    if (this.#free() > needed) return true;
    this.#tailSeen = Atomics.load(this.#control, CONTROL.tail);
    return this.#free() > needed;
  }

  #free(): number {
    return this.#tailSeen > this.#head ? this.#tailSeen - this.#head : RING_CELLS - this.#head + this.#tailSeen;
  }

  #drop(quiet: boolean): -1 {
    if (!quiet) Atomics.add(this.#control, CONTROL.dropped, 1);
    return -1;
  }
}

/** Reads records; belongs to whoever drains. */
export class RingConsumer {
  readonly #cells: Float64Array;
  readonly #units: Uint16Array;
  readonly #control: Int32Array;

  constructor(ring: SharedRing) {
    this.#cells = new Float64Array(ring.cells);
    this.#units = new Uint16Array(ring.cells);
    this.#control = new Int32Array(ring.control);
  }

  /**
   * Gives all records that are there to `take`: their kind, and the cell at which their numbers start (read with `at`).
   * Frees the space once, at the end.
   */
  drain(take: (kind: number, at: number) => void): void {
    const head = Atomics.load(this.#control, CONTROL.head);
    let tail = Atomics.load(this.#control, CONTROL.tail);
    while (tail !== head) {
      // As integers: a remainder of floats is a call into C.
      const header = this.#cells[tail]! | 0;
      if (header === PADDING) {
        tail = 0;
        continue;
      }
      take(header % LENGTH_FACTOR, tail + 1);
      tail += (header / LENGTH_FACTOR) | 0;
      if (tail === RING_CELLS) tail = 0;
    }
    Atomics.store(this.#control, CONTROL.tail, tail);
  }

  at(cell: number): number {
    return this.#cells[cell]!;
  }

  /** The text that stands at `cell`. */
  text(cell: number): string {
    const length = this.#cells[cell]!;
    const first = (cell + 1) * 4;
    let text = '';
    // In slices, as a spread of a long text would overflow the stack.
    for (let i = first; i < first + length; i += 4096) {
      text += String.fromCharCode(...this.#units.subarray(i, Math.min(i + 4096, first + length)));
    }
    return text;
  }
}
