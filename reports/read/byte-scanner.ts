import { US } from '../microseconds.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const FIRST_PLAIN = 0x20;
const LAST_PLAIN = 0x7e;

/** Ten may be too large an id. */
const MOST_DIGITS = 9;
/** Twelve may be too long a time. */
const MOST_MS_DIGITS = 11;
/** Of a millisecond in microseconds, by the number of its decimals. */
const FRACTIONS = [0, 100, 10, 1];
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

  /** A whole number of at most nine digits. */
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
    if (at === from || at - from > MOST_DIGITS || (bytes[from] === ZERO && at - from > 1)) this.isGood = false;
    return value;
  }

  /** A number of milliseconds as the recorder writes it, with three decimals at most. @returns microseconds. */
  protected timeUs(): number {
    const { bytes, at: from } = this;
    let at = from;
    let ms = 0;
    let byte = bytes[at] as number;
    while (byte >= ZERO && byte <= NINE) {
      ms = ms * 10 + byte - ZERO;
      byte = bytes[++at] as number;
    }
    const digits = at - from;
    if (digits === 0 || digits > MOST_MS_DIGITS || (bytes[from] === ZERO && digits > 1)) this.isGood = false;
    if (byte !== POINT) {
      this.at = at;
      return ms * US;
    }
    const point = at;
    let fraction = 0;
    byte = bytes[++at] as number;
    while (byte >= ZERO && byte <= NINE) {
      fraction = fraction * 10 + byte - ZERO;
      byte = bytes[++at] as number;
    }
    this.at = at;
    const unit = FRACTIONS[at - point - 1];
    if (unit === undefined || unit === 0) {
      this.isGood = false;
      return 0;
    }
    return ms * US + fraction * unit;
  }
}
