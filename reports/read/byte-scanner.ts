import { isTime } from './checkout-draft.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const FIRST_PLAIN = 0x20;
const LAST_PLAIN = 0x7e;

/** As many digits are exact in a number. */
const MOST_DIGITS = 15;
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, power) => 10 ** power);
const NOTHING = Buffer.alloc(0);

/** A piece of text of four bytes or more that is compared four at a time; the last four may overlap with those before. */
export class Piece {
  readonly length: number;
  readonly at: number[] = [];
  readonly words: number[] = [];

  constructor(text: string) {
    const bytes = Buffer.from(text);
    this.length = bytes.length;
    for (let at = 0; at < bytes.length; at += 4) {
      const from = Math.min(at, bytes.length - 4);
      this.at.push(from);
      this.words.push(bytes.readUint32LE(from));
    }
  }
}

/**
 * Reads JSON's numbers, words and plain texts from bytes, in the spelling that `JSON.stringify` writes. Where there is anything
 * else, `isGood` turns false, and what is returned means nothing. Somewhere behind its bytes stands a 0, which ends everything.
 */
export class ByteScanner {
  protected bytes: Buffer = NOTHING;
  protected at = 0;
  protected isGood = true;
  #view: DataView = new DataView(NOTHING.buffer, 0, 0);

  protected begin(bytes: Buffer, at: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.at = at;
    this.isGood = true;
  }

  /** Whether another element of a list follows; then it is next. */
  protected next(): boolean {
    if (this.bytes[this.at] !== COMMA) return false;
    this.at += 1;
    return true;
  }

  protected expect(byte: number): void {
    if (this.bytes[this.at] === byte) this.at += 1;
    else this.isGood = false;
  }

  /** Whether the piece is next; then it is passed. */
  protected skip({ length, at: offsets, words }: Piece): boolean {
    const { at } = this;
    if (at + length > this.bytes.length) return false;
    for (let index = 0; index < words.length; index += 1) if (this.#view.getUint32(at + (offsets[index] as number), true) !== words[index]) return false;
    this.at = at + length;
    return true;
  }

  /** @returns the position in `words`. */
  protected word(words: readonly Piece[]): number {
    for (let index = 0; index < words.length; index += 1) if (this.skip(words[index] as Piece)) return index;
    this.isGood = false;
    return -1;
  }

  /** Text that reads as it is written. */
  protected plainText(): string {
    const { bytes } = this;
    this.expect(QUOTE);
    const from = this.at;
    let at = from;
    for (;;) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH || !(byte >= FIRST_PLAIN && byte <= LAST_PLAIN)) {
        this.isGood = false;
        return '';
      }
      at += 1;
    }
    this.at = at + 1;
    return from === at ? '' : bytes.toString('latin1', from, at);
  }

  /** A whole number of at most nine digits: ten may be too large. */
  protected id(): number {
    const { bytes, at: from } = this;
    let at = from;
    let value = 0;
    for (;;) {
      const byte = bytes[at] as number;
      if (!(byte >= ZERO && byte <= NINE)) break;
      value = value * 10 + byte - ZERO;
      at += 1;
    }
    this.at = at;
    // A number does not begin with 0, and needs not have a fraction or exponent.
    if (at === from || at - from > 9 || (bytes[from] === ZERO && at - from > 1)) this.isGood = false;
    return value;
  }

  /** A decimal number; its quotient by a power of ten is rounded as JSON.parse rounds it. */
  protected time(): number {
    const { bytes, at: from } = this;
    let at = from;
    let value = 0;
    let byte = bytes[at] as number;
    while (byte >= ZERO && byte <= NINE) {
      value = value * 10 + byte - ZERO;
      byte = bytes[++at] as number;
    }
    if (at === from || (bytes[from] === ZERO && at - from > 1)) this.isGood = false;
    if (byte !== POINT) {
      this.at = at;
      if (at - from > MOST_DIGITS || !isTime(value)) this.isGood = false;
      return value;
    }
    const point = at;
    byte = bytes[++at] as number;
    while (byte >= ZERO && byte <= NINE) {
      value = value * 10 + byte - ZERO;
      byte = bytes[++at] as number;
    }
    this.at = at;
    const decimals = at - point - 1;
    if (decimals === 0 || at - from - 1 > MOST_DIGITS) {
      this.isGood = false;
      return 0;
    }
    const time = value / (POWERS[decimals] as number);
    if (!isTime(time)) this.isGood = false;
    return time;
  }
}
