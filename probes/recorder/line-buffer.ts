/**
 * Text of the trace as bytes, put together without strings: on a busy program the writer thread's own work is what costs
 * most, and formatting doubles and joining strings was three quarters of it.
 */

const ZERO = 48;
const POINT = 46;
/** Room that is kept free, so that short writes need not look. */
const MARGIN = 512;

/** All numbers of three digits, one behind the other. */
const TRIPLES = new Uint8Array(3000);
for (let i = 0; i < 1000; i++) {
  TRIPLES[i * 3] = ZERO + ((i / 100) | 0);
  TRIPLES[i * 3 + 1] = ZERO + (((i / 10) | 0) % 10);
  TRIPLES[i * 3 + 2] = ZERO + (i % 10);
}

/** Text that is written again and again: keys and punctuation. */
export interface Phrase {
  /** Its bytes, eight in each number: to store them so takes a third of the time of one by one. ASCII never makes a NaN. */
  readonly words: Float64Array;
  readonly length: number;
}

/** @param text ASCII, at most 500 characters. */
export function phraseOf(text: string): Phrase {
  const bytes = new Uint8Array(Math.ceil(text.length / 8) * 8);
  new TextEncoder().encodeInto(text, bytes);
  const view = new DataView(bytes.buffer);
  return { words: Float64Array.from({ length: bytes.length / 8 }, (_, index) => view.getFloat64(index * 8, true)), length: text.length };
}

export class LineBuffer {
  #bytes = new Uint8Array(1 << 16);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written since the last `clear`; valid until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  phrase({ words, length }: Phrase): this {
    if (this.#length + MARGIN > this.#bytes.length) this.#grow(MARGIN);
    const view = this.#view;
    const at = this.#length;
    // What the last one has too much is written over by what comes next.
    for (let i = 0; i < words.length; i++) view.setFloat64(at + i * 8, words[i]!, true);
    this.#length = at + length;
    return this;
  }

  /** Short text without characters outside of ASCII. */
  ascii(text: string): this {
    if (this.#length + MARGIN > this.#bytes.length) this.#grow(MARGIN);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.#length = at;
    return this;
  }

  /** Any text. */
  utf8(text: string): this {
    // A UTF-16 unit is three bytes of UTF-8 at most.
    this.#grow(text.length * 3 + MARGIN);
    const { written } = new TextEncoder().encodeInto(text, this.#bytes.subarray(this.#length));
    this.#length += written;
    return this;
  }

  /** An integer that is not negative. */
  int(value: number): this {
    if (value > 0x7fffffff) return this.ascii(String(value));
    if (this.#length + MARGIN > this.#bytes.length) this.#grow(MARGIN);
    const bytes = this.#bytes;
    let rest = value | 0;
    let digits = 1;
    for (let limit = 10; rest >= limit && digits < 10; limit *= 10) digits++;
    let at = this.#length + digits;
    this.#length = at;
    while (rest >= 1000) {
      const thousands = (rest / 1000) | 0;
      const triple = (rest - thousands * 1000) * 3;
      at -= 3;
      bytes[at] = TRIPLES[triple]!;
      bytes[at + 1] = TRIPLES[triple + 1]!;
      bytes[at + 2] = TRIPLES[triple + 2]!;
      rest = thousands;
    }
    const triple = rest * 3;
    bytes[at - 1] = TRIPLES[triple + 2]!;
    if (rest >= 10) bytes[at - 2] = TRIPLES[triple + 1]!;
    if (rest >= 100) bytes[at - 3] = TRIPLES[triple]!;
    return this;
  }

  /** Milliseconds to the microsecond, as the shortest decimal; negative ones (a clock's rounding) become 0. */
  ms(value: number): this {
    const micros = value > 0 ? Math.round(value * 1000) : 0;
    // Durations fit into an integer's division, which takes half the time of a float's.
    const isShort = micros <= 0x7fffffff;
    const whole = isShort ? ((micros | 0) / 1000) | 0 : Math.floor(micros / 1000);
    const fraction = (micros - whole * 1000) | 0;
    this.int(whole);
    if (fraction === 0) return this;
    const bytes = this.#bytes;
    const at = this.#length;
    const triple = fraction * 3;
    const hundredths = TRIPLES[triple + 1]!;
    const thousandths = TRIPLES[triple + 2]!;
    bytes[at] = POINT;
    bytes[at + 1] = TRIPLES[triple]!;
    bytes[at + 2] = hundredths;
    bytes[at + 3] = thousandths;
    this.#length = at + (thousandths !== ZERO ? 4 : hundredths !== ZERO ? 3 : 2);
    return this;
  }

  #grow(needed: number): void {
    if (this.#length + needed <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + needed));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
