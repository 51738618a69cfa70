import { CHECKOUT_OUTCOMES, CHECKOUT_SOURCES, TRANSACTION_STATUSES, WAIT_KINDS } from '../../probes/trace/events.js';
import { ByteScanner, Piece } from './byte-scanner.js';
import { draftGaps, type CheckoutDraft, type DraftGap, type DraftWait } from './checkout-draft.js';

const NEWLINE = 0x0a;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const QUOTE = 0x22;

const HEAD = new Piece('{"type":"checkout","id":');
const T = new Piece(',"t":');

/** The fields after the first three, by their first letter: no two begin with the same one. */
const KEYS: (Piece | undefined)[] = Array.from({ length: 128 });
for (const key of ['pool', 'via', 'stack', 'inside', 'connection', 'waitMs', 'useMs', 'outcome', 'error', 'q', 'gaps', 'running']) KEYS[key.charCodeAt(0)] = new Piece(`,"${key}":`);
const field = (name: string): number => name.charCodeAt(0);
const [POOL, VIA, STACK, INSIDE, CONNECTION, WAIT, USE, OUTCOME, ERROR, QUERIES, GAPS, RUNNING] = ['p', 'v', 's', 'i', 'c', 'w', 'u', 'o', 'e', 'q', 'g', 'r'].map(field);

const words = (list: readonly string[]): Piece[] => list.map((word) => new Piece(`"${word}"`));
const SOURCES = words(CHECKOUT_SOURCES);
const OUTCOMES = words(CHECKOUT_OUTCOMES);
const KINDS = words(WAIT_KINDS);
/** Letters. */
const STATUSES = TRANSACTION_STATUSES.map((word) => word.charCodeAt(0));
const NULL = new Piece('null');

const SPAN_T = new Piece('{"t":');
const SPAN_MS = new Piece(',"ms":');
const WAITS = new Piece(',"waits":[');
const KIND = new Piece(',"kind":');
const DETAIL = new Piece(',"detail":');
const STARTED = new Piece(',"started":');
const AWAITED = new Piece(',"awaited":');
const FOREIGN = new Piece(',"foreign":true');
const ENDED = new Piece(',"ended":');
const UNWATCHED = new Piece(',"unwatched":true');
const STILL_OPEN = new Piece(',"open":true');

/**
 * Reads checkout lines straight from their bytes, without text or objects: several times as fast as JSON.parse. It knows the
 * spelling that the recorder writes; whatever is spelled in another way is left to JSON.parse.
 */
export class CheckoutScanner extends ByteScanner {
  /** Fills `draft`. @returns the position of the line's newline; -1: this is no (whole) checkout line in the usual spelling. */
  scan(bytes: Buffer, start: number, draft: CheckoutDraft): number {
    this.begin(bytes, start);
    if (!this.skip(HEAD)) return -1;
    draft.clear();
    draft.id = this.id();
    if (draft.id === 0 || !this.skip(T)) return -1;
    draft.tUs = this.timeUs();
    let seen = 0;
    while (this.isGood && bytes[this.at] === COMMA) {
      const key = bytes[this.at + 2] as number;
      const piece = KEYS[key];
      // A letter is a bit: no field may come twice.
      const bit = 1 << (key - 0x61);
      if (piece === undefined || (seen & bit) !== 0 || !this.skip(piece)) return -1;
      seen |= bit;
      this.#field(key, draft);
    }
    return this.isGood && bytes[this.at] === CLOSE && bytes[this.at + 1] === NEWLINE ? this.at + 1 : -1;
  }

  #field(key: number, draft: CheckoutDraft): void {
    if (key === POOL) draft.pool = this.id();
    else if (key === VIA) draft.via = this.word(SOURCES);
    else if (key === CONNECTION) draft.connection = this.id();
    else if (key === WAIT) draft.waitUs = this.timeUs();
    else if (key === USE) draft.useUs = this.timeUs();
    else if (key === OUTCOME) draft.outcome = this.word(OUTCOMES);
    else if (key === QUERIES) this.#queries(draft);
    else if (key === GAPS) this.#gaps(draft);
    else if (key === STACK) draft.stack = this.id();
    else if (key === INSIDE) draft.inside = this.id();
    else if (key === ERROR) draft.error = this.plainText();
    else if (key === RUNNING) draft.running = this.#running();
  }

  #queries(draft: CheckoutDraft): void {
    this.expect(OPEN_LIST);
    if (this.#closes()) return;
    do this.#query(draft);
    while (this.isGood && this.next());
    this.expect(CLOSE_LIST);
  }

  /** An empty list. */
  #closes(): boolean {
    if (this.bytes[this.at] !== CLOSE_LIST) return false;
    this.at += 1;
    return true;
  }

  #query(draft: CheckoutDraft): void {
    this.expect(OPEN_LIST);
    const statement = this.id();
    this.expect(COMMA);
    const startUs = this.timeUs();
    this.expect(COMMA);
    const us = this.timeUs();
    let [status, error, queuedUs, stack] = [0, '', 0, 0];
    if (this.next()) {
      status = this.#status();
      if (this.next()) {
        error = this.plainText();
        if (this.next()) {
          queuedUs = this.timeUs();
          if (this.next()) stack = this.id();
        }
      }
    }
    this.expect(CLOSE_LIST);
    draft.addQuery(statement, startUs, us, status, error, queuedUs, stack);
  }

  #status(): number {
    const { bytes, at } = this;
    const status = STATUSES.indexOf(bytes[at + 1] as number);
    if (status < 0 || bytes[at] !== QUOTE || bytes[at + 2] !== QUOTE) this.isGood = false;
    this.at = at + 3;
    return status;
  }

  #gaps(draft: CheckoutDraft): void {
    const from = this.at;
    const gaps: DraftGap[] = [];
    this.expect(OPEN_LIST);
    if (this.isGood && !this.#closes()) {
      do gaps.push(this.#gap());
      while (this.isGood && this.next());
      this.expect(CLOSE_LIST);
    }
    draft.gaps = gaps;
    // What has an escaped character in it, or a field that only some have.
    if (!this.isGood) this.#parseGaps(from, draft);
  }

  #gap(): DraftGap {
    const startUs = this.#named(SPAN_T);
    const us = this.#named(SPAN_MS);
    if (!this.skip(WAITS)) this.isGood = false;
    const waits: DraftWait[] = [];
    if (this.isGood && !this.#closes()) {
      do waits.push(this.#wait());
      while (this.isGood && this.next());
      this.expect(CLOSE_LIST);
    }
    const ended = this.skip(ENDED) ? this.id() : 0;
    const unwatched = this.skip(UNWATCHED);
    const open = this.skip(STILL_OPEN);
    this.expect(CLOSE);
    return { startUs, us, waits, ended, unwatched, open };
  }

  #wait(): DraftWait {
    const startUs = this.#named(SPAN_T);
    const us = this.#named(SPAN_MS);
    if (!this.skip(KIND)) this.isGood = false;
    const kind = this.isGood ? this.word(KINDS) : -1;
    const detail = this.skip(DETAIL) ? this.plainText() : '';
    const started = this.skip(STARTED) ? this.id() : 0;
    const awaited = this.skip(AWAITED) ? this.id() : 0;
    const foreign = this.skip(FOREIGN);
    this.expect(CLOSE);
    return { startUs, us, kind, detail, started, awaited, foreign };
  }

  /** A time behind its name, in microseconds. */
  #named(name: Piece): number {
    if (!this.skip(name)) this.isGood = false;
    return this.timeUs();
  }

  /** The list that begins at `from`, wherever it ends. */
  #parseGaps(from: number, draft: CheckoutDraft): void {
    const end = endOfList(this.bytes, from);
    this.at = end;
    try {
      this.isGood = draftGaps(JSON.parse(this.bytes.toString('utf8', from, end)), draft);
    } catch {
      this.isGood = false;
    }
  }

  #running(): CheckoutDraft['running'] {
    if (this.bytes[this.at] !== OPEN_LIST) {
      if (!this.skip(NULL)) this.isGood = false;
      return null;
    }
    this.expect(OPEN_LIST);
    const statement = this.id();
    this.expect(COMMA);
    const startUs = this.timeUs();
    this.expect(COMMA);
    const stack = this.id();
    this.expect(CLOSE_LIST);
    return [statement, startUs, stack];
  }
}

const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const FIRST_PLAIN = 0x20;

/** Where a list ends that begins at `from`; where its line ends, when it does not end there. */
function endOfList(bytes: Buffer, from: number): number {
  let depth = 0;
  let isText = false;
  for (let at = from; ; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < FIRST_PLAIN) return at;
    if (isText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === OPEN_LIST || byte === OPEN) depth += 1;
    else if (byte === CLOSE_LIST || byte === CLOSE) {
      depth -= 1;
      if (depth <= 0) return at + 1;
    }
  }
}
