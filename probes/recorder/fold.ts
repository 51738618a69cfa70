/**
 * Folds the ring's records into lines of the trace. A checkout that begins and ends between two drains becomes one line; of
 * the others, what is new since the last drain is written as a part (see CheckoutLine).
 */
import { CHECKOUT_OUTCOMES, CHECKOUT_SOURCES, TRANSACTION_STATUSES } from '../trace/events.js';
import type { Definitions } from './definitions.js';
import { asBytes, type LineBuffer } from './line-buffer.js';
import { RECORD } from './records.js';
import type { RingConsumer } from './ring.js';

/** Numbers of a statement as kept in `Open.queries`: statement, start, duration, status, queued, stack. */
const QUERY_NUMBERS = 6;

/** What is known of a checkout and not yet written. */
interface Open {
  id: number;
  t: number;
  pool: number;
  source: number;
  stack: number;
  inside: number;
  requestWritten: boolean;
  /** NaN until it is acquired. */
  acquiredAt: number;
  connection: number;
  acquireWritten: boolean;
  queries: number[];
  /** Error codes by the index of their statement. */
  errors: Map<number, string> | null;
  gaps: string[];
  /** Of what was written in parts: the latest statement, and the gap that was open; for the next file. */
  lastQuery: number[] | null;
  lastError: string;
  openGap: string;
  /** Statement (0: none), start and stack of what is in flight. */
  running: number;
  runningSince: number;
  runningStack: number;
  /** It was written that something is running, which has to be taken back. */
  runningWritten: boolean;
  changed: boolean;
}

export class Folder {
  readonly #ring: RingConsumer;
  readonly #out: LineBuffer;
  readonly #definitions: Definitions | null;
  /** By slot; used again, so that nothing is left to collect. */
  readonly #open: Open[] = [];
  readonly #changed: Open[] = [];

  readonly #onBlocked: (t: number, ms: number) => void;

  /**
   * @param onBlocked is given what the program's thread measured of a block, and writes it; default: as it is.
   * @param definitions is told of them.
   */
  constructor(ring: RingConsumer, out: LineBuffer, onBlocked?: (t: number, ms: number) => void, definitions: Definitions | null = null) {
    this.#ring = ring;
    this.#out = out;
    this.#definitions = definitions;
    this.#onBlocked = onBlocked ?? ((t, ms) => void out.raw(BLOCKED).ms(t).raw(MS).ms(ms).raw(END));
  }

  /** Reads what is in the ring and writes its lines, each with its line end. */
  fold(): void {
    this.#ring.drain(this.#take);
    this.#writeChanged();
    this.#definitions?.forgetClosed(this.#isHeld);
  }

  #writeChanged(): void {
    for (const open of this.#changed) if (open.changed) this.#writePart(open, -1, -1, '');
    this.#changed.length = 0;
  }

  /** Writes what is known of the checkouts that have not ended, for a file that begins in the middle of them. */
  carry(): void {
    for (const open of this.#open) {
      if (open === undefined || open.id === 0) continue;
      const { lastQuery, lastError, openGap } = open;
      open.requestWritten = open.acquireWritten = false;
      if (lastQuery !== null) {
        open.queries.push(...lastQuery);
        if (lastError !== '') (open.errors ??= new Map()).set(0, lastError);
      }
      if (openGap !== '') open.gaps.push(openGap);
      this.#writePart(open, -1, -1, '');
    }
  }

  readonly #isHeld = (connection: number): boolean => this.#open.some((open) => open !== undefined && open.id !== 0 && open.connection === connection);

  readonly #take = (kind: number, at: number): void => {
    const ring = this.#ring;
    if (kind === RECORD.query) this.#takeQuery(at);
    else if (kind === RECORD.line) this.#takeLine(ring.text(at));
    else if (kind === RECORD.request) this.#takeRequest(at);
    else if (kind === RECORD.blocked) this.#onBlocked(ring.at(at), ring.at(at + 1));
    else {
      const open = this.#open[ring.at(at)];
      // Its request was dropped: without it the rest says nothing that could be relied on.
      if (open === undefined || open.id !== ring.at(at + 1)) return;
      if (kind === RECORD.end) return this.#takeEnd(open, at + 2);
      if (kind === RECORD.statement) this.#takeStatement(open, at + 2);
      else if (kind === RECORD.start) {
        open.runningSince = ring.at(at + 2);
        open.running = ring.at(at + 3);
        open.runningStack = ring.at(at + 4);
      } else if (kind === RECORD.acquire) {
        open.acquiredAt = ring.at(at + 2);
        open.connection = ring.at(at + 3);
      } else if (kind === RECORD.gap) addGap(open.gaps, ring.text(at + 2));
      this.#touch(open);
    }
  };

  #takeLine(text: string): void {
    // It is the last one.
    if (text.startsWith('{"type":"end"')) this.#writeChanged();
    this.#out.utf8(text).raw(NEWLINE);
    this.#definitions?.note(text);
  }

  #touch(open: Open): void {
    if (open.changed) return;
    open.changed = true;
    this.#changed.push(open);
  }

  #takeQuery(at: number): void {
    const ring = this.#ring;
    const t = ring.at(at + 1);
    const wait = ring.at(at + 5);
    this.#writeHead(ring.at(at), t);
    this.#writeRequest(ring.at(at + 2), 0, ring.at(at + 3), ring.at(at + 4));
    this.#out.raw(CONNECTION).int(ring.at(at + 6)).raw(WAIT).ms(wait);
    this.#out.raw(USE).ms(ring.at(at + 11) - t - wait).raw(OUTCOMES[ring.at(at + 12)]!).raw(QUERIES);
    this.#writeQuery(ring.at(at + 9), ring.at(at + 7) - t, ring.at(at + 8), ring.at(at + 10), '', 0, 0);
    this.#out.raw(END_OF_QUERY);
  }

  #takeRequest(at: number): void {
    const ring = this.#ring;
    const open = (this.#open[ring.at(at)] ??= newOpen());
    // The one that had the slot lost its end: what was not yet written of it must not become this one's.
    if (open.changed) this.#writePart(open, -1, -1, '');
    open.id = ring.at(at + 1);
    open.t = ring.at(at + 2);
    open.pool = ring.at(at + 3);
    open.source = ring.at(at + 4);
    open.stack = ring.at(at + 5);
    open.inside = ring.at(at + 6);
    open.requestWritten = false;
    open.acquiredAt = Number.NaN;
    open.acquireWritten = false;
    open.connection = 0;
    open.lastQuery = null;
    open.openGap = '';
    open.running = 0;
    open.runningWritten = false;
    this.#touch(open);
  }

  #takeStatement(open: Open, at: number): void {
    const ring = this.#ring;
    if (ring.at(at + 6) !== 0) (open.errors ??= new Map()).set(open.queries.length, ring.text(at + 7));
    open.queries.push(ring.at(at + 2), ring.at(at) - open.t, ring.at(at + 1), ring.at(at + 3), ring.at(at + 4), ring.at(at + 5));
    open.running = 0;
  }

  #takeEnd(open: Open, at: number): void {
    const ring = this.#ring;
    this.#writePart(open, ring.at(at), ring.at(at + 1), ring.at(at + 2) === 0 ? '' : ring.text(at + 3));
    open.id = 0;
  }

  /** @param endedAt -1: it goes on. */
  #writePart(open: Open, endedAt: number, outcome: number, error: string): void {
    const out = this.#out;
    const isAcquired = !Number.isNaN(open.acquiredAt);
    this.#writeHead(open.id, open.t);
    if (!open.requestWritten) this.#writeRequest(open.pool, open.source, open.stack, open.inside);
    if (isAcquired && !open.acquireWritten) out.raw(CONNECTION).int(open.connection).raw(WAIT).ms(open.acquiredAt - open.t);
    if (endedAt >= 0) {
      out.raw(isAcquired ? USE : WAIT).ms(endedAt - (isAcquired ? open.acquiredAt : open.t)).raw(OUTCOMES[outcome]!);
      if (error !== '') out.raw(ERROR).utf8(JSON.stringify(error));
    }
    if (open.queries.length > 0) this.#writeQueries(open);
    if (open.gaps.length > 0) out.raw(GAPS).utf8(open.gaps.join(',')).raw(CLOSE);
    const isRunning = endedAt < 0 && open.running !== 0;
    if (isRunning) out.raw(RUNNING).int(open.running).raw(COMMA).ms(open.runningSince - open.t).raw(COMMA).int(open.runningStack).raw(CLOSE);
    else if (open.runningWritten) out.raw(NOT_RUNNING);
    out.raw(END);
    open.requestWritten = true;
    open.acquireWritten = isAcquired;
    if (endedAt < 0) keepLast(open);
    open.queries.length = 0;
    open.errors = null;
    open.gaps.length = 0;
    open.runningWritten = isRunning;
    open.changed = false;
  }

  #writeHead(id: number, t: number): void {
    this.#out.raw(HEAD).int(id).raw(TIME).ms(t);
  }

  #writeRequest(pool: number, source: number, stack: number, inside: number): void {
    const out = this.#out;
    out.raw(POOL).int(pool).raw(SOURCES[source]!);
    if (stack !== 0) out.raw(STACK).int(stack);
    if (inside !== 0) out.raw(INSIDE).int(inside);
  }

  #writeQueries({ queries, errors }: Open): void {
    this.#out.raw(QUERIES);
    for (let i = 0; i < queries.length; i += QUERY_NUMBERS) {
      if (i > 0) this.#out.raw(COMMA);
      this.#writeQuery(queries[i]!, queries[i + 1]!, queries[i + 2]!, queries[i + 3]!, errors?.get(i) ?? '', queries[i + 4]!, queries[i + 5]!);
    }
    this.#out.raw(CLOSE);
  }

  #writeQuery(statement: number, startMs: number, durationMs: number, status: number, error: string, queuedMs: number, stack: number): void {
    const out = this.#out;
    out.raw(OPEN).int(statement).raw(COMMA).ms(startMs).raw(COMMA).ms(durationMs);
    // Only a statement that really queued behind another says so: the way through the driver takes some microseconds.
    const queued = queuedMs >= SHORTEST_QUEUE_MS;
    if (error !== '' || queued || stack !== 0) {
      out.raw(STATUSES[status]!).raw(COMMA).utf8(JSON.stringify(error)).raw(COMMA).ms(queued ? queuedMs : 0);
      if (stack !== 0) out.raw(COMMA).int(stack);
    } else if (status !== 0) out.raw(STATUSES[status]!);
    out.raw(CLOSE);
  }
}

/** What the next file would have to begin with, should one begin before the checkout ends. */
function keepLast(open: Open): void {
  const { queries, gaps, errors } = open;
  if (queries.length > 0) {
    const first = queries.length - QUERY_NUMBERS;
    const last = (open.lastQuery ??= []);
    for (let i = 0; i < QUERY_NUMBERS; i++) last[i] = queries[first + i]!;
    open.lastError = errors?.get(first) ?? '';
  }
  const gap = gaps.at(-1);
  if (gap !== undefined || queries.length > 0) open.openGap = gap?.includes('"open":true') === true ? gap : '';
}

/** A gap that was open when it was last described, and has ended since, is one gap. */
function addGap(gaps: string[], gap: string): void {
  const start = gap.slice(0, gap.indexOf(',') + 1);
  if (gaps.at(-1)?.startsWith(start) === true) gaps.pop();
  gaps.push(gap);
}

function newOpen(): Open {
  return {
    id: 0,
    t: 0,
    pool: 0,
    source: 0,
    stack: 0,
    inside: 0,
    requestWritten: false,
    acquiredAt: Number.NaN,
    connection: 0,
    acquireWritten: false,
    queries: [],
    errors: null,
    gaps: [],
    lastQuery: null,
    lastError: '',
    openGap: '',
    running: 0,
    runningSince: 0,
    runningStack: 0,
    runningWritten: false,
    changed: false,
  };
}

const BLOCKED = asBytes('{"type":"blocked","t":');
const MS = asBytes(',"ms":');
const END = asBytes('}\n');
const NEWLINE = asBytes('\n');
const CONNECTION = asBytes(',"connection":');
const WAIT = asBytes(',"waitMs":');
const USE = asBytes(',"useMs":');
const QUERIES = asBytes(',"q":[');
const END_OF_QUERY = asBytes(']}\n');
const ERROR = asBytes(',"error":');
const GAPS = asBytes(',"gaps":[');
const CLOSE = asBytes(']');
const RUNNING = asBytes(',"running":[');
const COMMA = asBytes(',');
const NOT_RUNNING = asBytes(',"running":null');
const HEAD = asBytes('{"type":"checkout","id":');
const TIME = asBytes(',"t":');
const POOL = asBytes(',"pool":');
const STACK = asBytes(',"stack":');
const INSIDE = asBytes(',"inside":');
const OPEN = asBytes('[');

const SHORTEST_QUEUE_MS = 0.05;
const OUTCOMES = CHECKOUT_OUTCOMES.map((outcome) => asBytes(`,"outcome":"${outcome}"`));
const SOURCES = CHECKOUT_SOURCES.map((source) => asBytes(`,"via":"${source}"`));
const STATUSES = TRANSACTION_STATUSES.map((status) => asBytes(`,"${status}"`));
