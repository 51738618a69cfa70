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

const WORD = 2 ** 32;

const US = 1000;
/** From here on, an entry is no number of microseconds but a position in `exact`. */
const EXACT = 0x8000_0000;

/**
 * Milliseconds, read as they were put in: kept as whole microseconds, which recorders write; other ones, and those of more
 * than half an hour, in a list aside.
 */
export class TimeColumn {
  readonly #us = new Column();
  readonly #exact: number[] = [];

  get length(): number {
    return this.#us.length;
  }

  at(index: number): number {
    const us = this.#us.at(index);
    return us < EXACT ? us / US : (this.#exact[us - EXACT] as number);
  }

  /** @param ms not negative. */
  push(ms: number): void {
    const us = Math.round(ms * US);
    this.#us.push(us < EXACT && us / US === ms ? us : EXACT + this.#exact.push(ms) - 1);
  }
}

/** Milliseconds of any length: whole microseconds in two words, other ones in a list aside. */
export class MomentColumn {
  readonly #low = new Column();
  readonly #high = new Column();
  readonly #exact: number[] = [];

  at(index: number): number {
    const high = this.#high.at(index);
    return high < EXACT ? (high * WORD + this.#low.at(index)) / US : (this.#exact[high - EXACT] as number);
  }

  /** @param ms not negative. */
  push(ms: number): void {
    const us = Math.round(ms * US);
    const isWhole = us <= Number.MAX_SAFE_INTEGER && us / US === ms;
    this.#low.push(isWhole ? us % WORD : 0);
    this.#high.push(isWhole ? Math.floor(us / WORD) : EXACT + this.#exact.push(ms) - 1);
  }
}
