/**
 * Text of the trace as bytes, put together without strings: on a busy program the writer thread's own work is what costs
 * most, and formatting doubles and joining strings was three quarters of it.
 */

const ZERO = 48;
const POINT = 46;
/** Room that is kept free, so that short writes need not look. */
const MARGIN = 512;

export class LineBuffer {
  #bytes = new Uint8Array(1 << 16);
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

  /** Short text without characters outside of ASCII: keys and punctuation. */
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
    let digits = 1;
    for (let limit = 10; value >= limit && digits < 10; limit *= 10) digits++;
    let rest = value | 0;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const quotient = (rest / 10) | 0;
      this.#bytes[at] = ZERO + rest - quotient * 10;
      rest = quotient;
    }
    this.#length += digits;
    return this;
  }

  /** Milliseconds to the microsecond, as the shortest decimal; negative ones (a clock's rounding) become 0. */
  ms(value: number): this {
    const micros = value > 0 ? Math.round(value * 1000) : 0;
    const whole = Math.floor(micros / 1000);
    const fraction = micros - whole * 1000;
    this.int(whole);
    if (fraction === 0) return this;
    const bytes = this.#bytes;
    let at = this.#length;
    const tenths = (fraction / 100) | 0;
    const hundredths = ((fraction / 10) | 0) - tenths * 10;
    const thousandths = fraction - tenths * 100 - hundredths * 10;
    bytes[at++] = POINT;
    bytes[at++] = ZERO + tenths;
    if (hundredths !== 0 || thousandths !== 0) bytes[at++] = ZERO + hundredths;
    if (thousandths !== 0) bytes[at++] = ZERO + thousandths;
    this.#length = at;
    return this;
  }

  #grow(needed: number): void {
    if (this.#length + needed <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + needed));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}
