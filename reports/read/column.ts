import { US } from '../microseconds.js';

const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;
const FIRST_CHUNK = 1 << 8;

/** As narrow as its largest number allows. */
type Chunk = Uint8Array | Uint16Array | Uint32Array;

/**
 * A list of whole numbers (to 2^32 - 1) that grows at its end, for millions of them: what is there is not copied for that.
 * Nearly all columns of a trace have small numbers, and take a byte or two for each.
 */
export class Column {
  length = 0;
  readonly #chunks: Chunk[];
  #last: Chunk = new Uint8Array(FIRST_CHUNK);
  #most = 0xff;
  #used = 0;

  constructor() {
    this.#chunks = [this.#last];
  }

  /** 0 beyond the end. */
  at(index: number): number {
    return this.#chunks[index >>> CHUNK_BITS]?.[index & (CHUNK - 1)] ?? 0;
  }

  push(value: number): void {
    if (this.#used === this.#last.length) this.#grow();
    if (value > this.#most) this.#widen(value);
    this.#last[this.#used++] = value;
    this.length += 1;
  }

  #grow(): void {
    if (this.#used === CHUNK) {
      // The next numbers are most likely like these.
      this.#chunks.push((this.#last = chunkFor(this.#most, CHUNK)));
      this.#used = 0;
    } else {
      // Only the first one is ever smaller: most traces are.
      this.#replace(chunkFor(this.#most, this.#used * 2));
    }
  }

  #widen(value: number): void {
    this.#most = value > 0xffff ? 0xffff_ffff : 0xffff;
    this.#replace(chunkFor(this.#most, this.#last.length));
  }

  #replace(chunk: Chunk): void {
    chunk.set(this.#last.subarray(0, this.#used));
    this.#last = this.#chunks[this.#chunks.length - 1] = chunk;
  }
}

function chunkFor(most: number, length: number): Chunk {
  return most > 0xffff ? new Uint32Array(length) : most > 0xff ? new Uint16Array(length) : new Uint8Array(length);
}

/** From here on, an entry is no number of microseconds but a position in `long`. */
const LONG = 0x8000_0000;

/** Milliseconds, put in as whole microseconds: they are kept as such. Those of more than half an hour lie aside. */
export class TimeColumn {
  readonly #us = new Column();
  readonly #long: number[] = [];

  get length(): number {
    return this.#us.length;
  }

  at(index: number): number {
    const us = this.#us.at(index);
    return (us < LONG ? us : (this.#long[us - LONG] as number)) / US;
  }

  /** @param us whole, not negative. */
  push(us: number): void {
    this.#us.push(us < LONG ? us : LONG + this.#long.push(us) - 1);
  }
}

const WORD = 2 ** 32;

/** Milliseconds of any length, put in as whole microseconds: in two words. */
export class MomentColumn {
  readonly #low = new Column();
  readonly #high = new Column();

  at(index: number): number {
    return (this.#high.at(index) * WORD + this.#low.at(index)) / US;
  }

  /** @param us whole, not negative. */
  push(us: number): void {
    const low = us >>> 0;
    this.#low.push(low);
    this.#high.push((us - low) / WORD);
  }
}
