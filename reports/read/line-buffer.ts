const NEWLINE = 10;
/** Stands behind what was read: no line has it, so that whoever scans one need not look where the bytes end. */
const END = 0;
/** Longer lines are none of the recorder's: they are passed over, not kept in memory. */
const LONGEST_LINE_BYTES = 1 << 26;

/** Is given the lines of a file. They lie in `bytes`, which are valid during the call only; numbers of lines begin at 1. */
export interface LineTaker {
  /**
   * May take the line that begins at `start` and end it itself, which is faster than to look for its end first. Behind the
   * last byte that was read stands a 0.
   * @returns where its newline is; -1: it did not take it.
   */
  takeQuickly(bytes: Buffer, start: number, line: number): number;
  take(bytes: Buffer, start: number, end: number, line: number): void;
  /** A line is too long to be one. */
  skip(line: number): void;
}

/** Cuts what is read into lines. They lie in one buffer: what is left of a chunk is moved to its front. */
export class LineBuffer {
  /** Lines that were ended by a newline. */
  count = 0;
  readonly #taker: LineTaker;
  #bytes: Buffer = Buffer.alloc(1);
  #used = 0;
  /** In a line that is too long: what was read of it has been thrown away. */
  #isSkipping = false;

  constructor(taker: LineTaker) {
    this.#taker = taker;
  }

  /** Room for the next chunk of a file; say with `fill` how much of it was used. */
  room(bytes: number): Buffer {
    const needed = this.#used + bytes + 1;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(needed * 2);
      this.#bytes.copy(larger, 0, 0, this.#used);
      this.#bytes = larger;
    }
    return this.#bytes.subarray(this.#used);
  }

  fill(length: number): void {
    const searched = this.#used;
    this.#used += length;
    this.#bytes[this.#used] = END;
    const start = this.#isSkipping ? this.#skip() : 0;
    if (!this.#isSkipping) this.#keep(this.#take(start, searched));
  }

  /** What stands behind the last newline. */
  rest(): Buffer {
    if (this.#isSkipping) this.#taker.skip(this.count + 1);
    return Buffer.from(this.#bytes.subarray(0, this.#used));
  }

  /**
   * @param searched from where on there may be a newline: before it lies what was left of the chunks before.
   * @returns where the line begins that goes on in the next chunk.
   */
  #take(from: number, searched: number): number {
    const bytes = this.#bytes;
    let start = from;
    // A long line is not scanned again with each chunk that it goes through.
    if (start < searched && this.#newlineFrom(searched) < 0) return start;
    while (start < this.#used) {
      let end = this.#taker.takeQuickly(bytes, start, this.count + 1);
      if (end < 0) {
        end = this.#newlineFrom(Math.max(start, searched));
        if (end < 0) break;
        if (end > start) this.#taker.take(bytes, start, end, this.count + 1);
      }
      this.count += 1;
      start = end + 1;
    }
    return start;
  }

  /** -1: there is none. */
  #newlineFrom(from: number): number {
    const found = this.#bytes.indexOf(NEWLINE, from);
    // What stands behind is of earlier chunks.
    return found < this.#used ? found : -1;
  }

  #keep(start: number): void {
    this.#bytes.copyWithin(0, start, this.#used);
    this.#used -= start;
    this.#isSkipping = this.#used > LONGEST_LINE_BYTES;
    if (this.#isSkipping) this.#used = 0;
  }

  /** @returns where the next line begins. */
  #skip(): number {
    const end = this.#newlineFrom(0);
    if (end < 0) {
      this.#used = 0;
      return 0;
    }
    this.#isSkipping = false;
    this.count += 1;
    this.#taker.skip(this.count);
    return end + 1;
  }
}
