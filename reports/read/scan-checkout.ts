import { CHECKOUT_OUTCOMES, CHECKOUT_SOURCES, TRANSACTION_STATUSES } from '../../probes/trace/events.js';
import { draftGaps, isTime, NONE, type CheckoutDraft } from './checkout-draft.js';

const NEWLINE = 0x0a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const FIRST_PLAIN = 0x20;
const LAST_PLAIN = 0x7e;

/** As many digits are exact in a number. */
const MOST_DIGITS = 15;
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, power) => 10 ** power);

/** A piece of text of four bytes or more that is compared four at a time; the last four may overlap with those before. */
class Piece {
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

const HEAD = new Piece('{"type":"checkout","id":');
const T = new Piece(',"t":');

/** The fields after the first three, by their first letter: no two begin with the same one. */
const KEYS: (Piece | undefined)[] = Array.from({ length: 128 });
for (const key of ['pool', 'via', 'stack', 'inside', 'connection', 'waitMs', 'useMs', 'outcome', 'error', 'q', 'gaps', 'running']) KEYS[key.charCodeAt(0)] = new Piece(`,"${key}":`);
const field = (name: string): number => name.charCodeAt(0);
const [POOL, VIA, STACK, INSIDE, CONNECTION, WAIT, USE, OUTCOME, ERROR, QUERIES, GAPS, RUNNING] = ['p', 'v', 's', 'i', 'c', 'w', 'u', 'o', 'e', 'q', 'g', 'r'].map(field);

const SOURCES = CHECKOUT_SOURCES.map((word) => new Piece(`"${word}"`));
const OUTCOMES = CHECKOUT_OUTCOMES.map((word) => new Piece(`"${word}"`));
/** Letters. */
const STATUSES = TRANSACTION_STATUSES.map((word) => word.charCodeAt(0));
const NULL = new Piece('null');
const NOTHING = Buffer.alloc(0);

/**
 * Reads checkout lines straight from their bytes, without text or objects: several times as fast as JSON.parse. It knows the
 * spelling that the recorder writes; whatever is spelled in another way is left to JSON.parse.
 */
export class CheckoutScanner {
  #bytes: Buffer = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer, 0, 0);
  #at = 0;
  #ok = true;

  /** Fills `draft`. @returns the position of the line's newline; -1: this is no (whole) checkout line in the usual spelling. */
  scan(bytes: Buffer, start: number, draft: CheckoutDraft): number {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.#at = start;
    this.#ok = true;
    if (!this.skip(HEAD)) return -1;
    draft.clear();
    draft.id = this.id();
    if (draft.id === 0 || !this.skip(T)) return -1;
    draft.t = this.time();
    let seen = 0;
    while (this.#ok && bytes[this.#at] === COMMA) {
      const key = bytes[this.#at + 2] as number;
      const piece = KEYS[key];
      // A letter is a bit: no field may come twice.
      const bit = 1 << (key - 0x61);
      if (piece === undefined || (seen & bit) !== 0 || !this.skip(piece)) return -1;
      seen |= bit;
      this.scanField(key, draft, bytes);
    }
    return this.#ok && bytes[this.#at] === CLOSE && bytes[this.#at + 1] === NEWLINE ? this.#at + 1 : -1;
  }

  private scanField(key: number, draft: CheckoutDraft, bytes: Buffer): void {
    if (key === POOL) draft.pool = this.id();
    else if (key === VIA) draft.via = this.word(SOURCES);
    else if (key === STACK) draft.stack = this.id();
    else if (key === INSIDE) draft.inside = this.id();
    else if (key === CONNECTION) draft.connection = this.id();
    else if (key === WAIT) draft.waitMs = this.time();
    else if (key === USE) draft.useMs = this.time();
    else if (key === OUTCOME) draft.outcome = this.word(OUTCOMES);
    else if (key === ERROR) draft.error = this.plainText(bytes);
    else if (key === QUERIES) this.queries(draft, bytes);
    else if (key === GAPS) this.gaps(draft, bytes);
    else if (key === RUNNING) draft.running = this.running();
  }

  private queries(draft: CheckoutDraft, bytes: Buffer): void {
    this.expect(OPEN_LIST);
    for (let isFirst = true; this.#ok && bytes[this.#at] !== CLOSE_LIST; isFirst = false) {
      if (!isFirst) this.expect(COMMA);
      this.query(draft, bytes);
    }
    this.expect(CLOSE_LIST);
  }

  private query(draft: CheckoutDraft, bytes: Buffer): void {
    this.expect(OPEN_LIST);
    const statement = this.id();
    this.expect(COMMA);
    const startMs = this.time();
    this.expect(COMMA);
    const ms = this.time();
    let [status, error, queuedMs, stack] = [0, 0, 0, 0];
    if (this.next()) status = this.status();
    if (this.next()) {
      const text = this.plainText(bytes);
      if (text !== '') error = draft.errors.push(text) - 1;
    }
    if (this.next()) queuedMs = this.time();
    if (this.next()) stack = this.id();
    this.expect(CLOSE_LIST);
    draft.queries.push(statement, startMs, ms, status, error, queuedMs, stack);
  }

  /** They are objects, and far fewer than statements. */
  private gaps(draft: CheckoutDraft, bytes: Buffer): void {
    const from = this.#at;
    let depth = 0;
    let isText = false;
    for (; ; this.#at += 1) {
      const byte = bytes[this.#at];
      if (byte === undefined || byte === NEWLINE) break;
      if (isText) {
        if (byte === BACKSLASH) this.#at += 1;
        else if (byte === QUOTE) isText = false;
      } else if (byte === QUOTE) isText = true;
      else if (byte === OPEN_LIST || byte === OPEN) depth += 1;
      else if (byte === CLOSE_LIST || byte === CLOSE) {
        depth -= 1;
        if (depth === 0) break;
      }
    }
    this.#at += 1;
    try {
      if (!draftGaps(JSON.parse(bytes.toString('utf8', from, this.#at)), draft)) this.#ok = false;
    } catch {
      this.#ok = false;
    }
  }

  private running(): CheckoutDraft['running'] {
    if (this.#bytes[this.#at] !== OPEN_LIST) {
      if (!this.skip(NULL)) this.#ok = false;
      return null;
    }
    this.expect(OPEN_LIST);
    const statement = this.id();
    this.expect(COMMA);
    const startMs = this.time();
    this.expect(COMMA);
    const stack = this.id();
    this.expect(CLOSE_LIST);
    return [statement, startMs, stack];
  }

  private next(): boolean {
    if (this.#bytes[this.#at] !== COMMA) return false;
    this.#at += 1;
    return true;
  }

  private expect(byte: number): void {
    if (this.#bytes[this.#at] === byte) this.#at += 1;
    else this.#ok = false;
  }

  private skip({ length, at: offsets, words }: Piece): boolean {
    const at = this.#at;
    if (at + length > this.#bytes.length) return false;
    for (let index = 0; index < words.length; index += 1) if (this.#view.getUint32(at + (offsets[index] as number), true) !== words[index]) return false;
    this.#at = at + length;
    return true;
  }

  private status(): number {
    const bytes = this.#bytes;
    const status = STATUSES.indexOf(bytes[this.#at + 1] as number);
    if (status < 0 || bytes[this.#at] !== QUOTE || bytes[this.#at + 2] !== QUOTE) this.#ok = false;
    this.#at += 3;
    return status;
  }

  private word(words: readonly Piece[]): number {
    for (let index = 0; index < words.length; index += 1) if (this.skip(words[index] as Piece)) return index;
    this.#ok = false;
    return NONE;
  }

  /** Text that reads as it is written. */
  private plainText(bytes: Buffer): string {
    this.expect(QUOTE);
    const from = this.#at;
    for (;;) {
      const byte = bytes[this.#at] as number;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH || !(byte >= FIRST_PLAIN && byte <= LAST_PLAIN)) {
        this.#ok = false;
        return '';
      }
      this.#at += 1;
    }
    const text = from === this.#at ? '' : bytes.toString('latin1', from, this.#at);
    this.#at += 1;
    return text;
  }

  private id(): number {
    const bytes = this.#bytes;
    const from = this.#at;
    let at = from;
    let value = 0;
    for (;;) {
      const byte = bytes[at] as number;
      if (!(byte >= ZERO && byte <= NINE)) break;
      value = value * 10 + byte - ZERO;
      at += 1;
    }
    this.#at = at;
    // Ten digits may be too large; a number does not begin with 0, and needs not have a fraction or exponent.
    if (at === from || at - from > 9 || (bytes[from] === ZERO && at - from > 1)) this.#ok = false;
    return value;
  }

  /** A decimal number; its quotient by a power of ten is rounded as JSON.parse rounds it. */
  private time(): number {
    const bytes = this.#bytes;
    const from = this.#at;
    let at = from;
    let value = 0;
    let byte = bytes[at] as number;
    while (byte >= ZERO && byte <= NINE) {
      value = value * 10 + byte - ZERO;
      byte = bytes[++at] as number;
    }
    if (at === from || (bytes[from] === ZERO && at - from > 1)) this.#ok = false;
    if (byte !== POINT) {
      this.#at = at;
      if (at - from > MOST_DIGITS || !isTime(value)) this.#ok = false;
      return value;
    }
    const point = at;
    byte = bytes[++at] as number;
    while (byte >= ZERO && byte <= NINE) {
      value = value * 10 + byte - ZERO;
      byte = bytes[++at] as number;
    }
    this.#at = at;
    const decimals = at - point - 1;
    if (decimals === 0 || at - from - 1 > MOST_DIGITS) {
      this.#ok = false;
      return 0;
    }
    const time = value / (POWERS[decimals] as number);
    if (!isTime(time)) this.#ok = false;
    return time;
  }
}
