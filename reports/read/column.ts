type NumberArray = Float64Array | Uint32Array | Uint16Array | Uint8Array;

const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;
const FIRST_CHUNK = 1 << 8;

/** A list of numbers of one type that grows at its end, for millions of them: what is there is not copied for that. */
export class Column {
  length = 0;
  readonly #type: new (length: number) => NumberArray;
  readonly #chunks: NumberArray[];
  #last: NumberArray;
  #used = 0;

  constructor(type: new (length: number) => NumberArray) {
    this.#type = type;
    this.#last = new type(FIRST_CHUNK);
    this.#chunks = [this.#last];
  }

  /** 0 beyond the end. */
  at(index: number): number {
    return this.#chunks[index >>> CHUNK_BITS]?.[index & (CHUNK - 1)] ?? 0;
  }

  push(value: number): void {
    if (this.#used === this.#last.length) this.#grow();
    this.#last[this.#used++] = value;
    this.length += 1;
  }

  #grow(): void {
    if (this.#used === CHUNK) {
      this.#last = new this.#type(CHUNK);
      this.#used = 0;
      this.#chunks.push(this.#last);
    } else {
      // Only the first one is ever smaller: most traces are.
      const larger = new this.#type(this.#used * 2);
      larger.set(this.#last);
      this.#last = this.#chunks[0] = larger;
    }
  }
}

const US = 1000;
/** From here on, an entry is no number of microseconds but a position in `exact`. */
const EXACT = 0x8000_0000;

/**
 * Milliseconds, read as they were put in: kept as whole microseconds, which recorders write; other ones, and those of more
 * than half an hour, in a list aside.
 */
export class TimeColumn {
  readonly #us = new Column(Uint32Array);
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
