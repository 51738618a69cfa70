/**
 * Folds the ring's records into lines of the trace. A checkout that begins and ends between two drains becomes one line; of
 * the others, what is new since the last drain is written as a part (see CheckoutLine).
 */
import { CHECKOUT_OUTCOMES, CHECKOUT_SOURCES, TRANSACTION_STATUSES } from '../trace/events.js';
import type { Definitions } from './definitions.js';
import { phraseOf, type LineBuffer } from './line-buffer.js';
import { QUERY_NUMBERS, Queries } from './queries.js';
import { RECORD, STATUS_FACTOR, firstOf, secondOf } from './records.js';
import type { RingConsumer } from './ring.js';

/** What is known of a checkout and not yet written. */
interface Open {
  /** As in its records; 0: the slot is free. */
  who: number;
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
  readonly queries: Queries;
  /** Error codes by the index of their statement. */
  errors: Map<number, string> | null;
  gaps: string[];
  /** Of what was written in parts: the latest statement, and the gap that was open; for the next file. */
  lastQuery: number[] | null;
  lastError: string;
  openGap: string;
  /** Statement (0: none), start, stack and queue time of what is in flight. */
  running: number;
  runningSince: number;
  runningStack: number;
  runningQueued: number;
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
    this.#onBlocked = onBlocked ?? ((t, ms) => void out.phrase(BLOCKED).ms(t).phrase(MS).ms(ms).phrase(END));
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
        open.queries.add(lastQuery[0]!, lastQuery[1]!, lastQuery[2]!, lastQuery[3]!, lastQuery[4]!, lastQuery[5]!);
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
    else if (kind === RECORD.request) this.#touch(this.#takeRequest(at));
    else if (kind === RECORD.taken) this.#takeTaken(at);
    else if (kind === RECORD.blocked) this.#onBlocked(ring.at(at), ring.at(at + 1));
    else {
      const who = ring.at(at);
      const open = this.#open[firstOf(who)];
      // Its request was dropped: without it the rest says nothing that could be relied on.
      if (open === undefined || open.who !== who) return;
      if (kind === RECORD.end) return this.#takeEnd(open, at + 1);
      if (kind === RECORD.answered) this.#takeAnswer(open, at + 1);
      else if (kind === RECORD.statement) this.#takeStatement(open, at + 1);
      else if (kind === RECORD.start) {
        open.runningSince = ring.at(at + 1);
        open.running = ring.at(at + 2);
        open.runningStack = ring.at(at + 3);
        open.runningQueued = ring.at(at + 4);
      } else if (kind === RECORD.acquire) {
        open.acquiredAt = ring.at(at + 1);
        open.connection = ring.at(at + 2);
      } else if (kind === RECORD.gap) addGap(open.gaps, ring.text(at + 1));
      this.#touch(open);
    }
  };

  #takeLine(text: string): void {
    // It is the last one.
    if (text.startsWith('{"type":"end"')) this.#writeChanged();
    this.#out.utf8(text).phrase(NEWLINE);
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
    const place = ring.at(at + 2);
    const what = ring.at(at + 3);
    const end = ring.at(at + 4);
    const wait = ring.at(at + 5);
    const start = ring.at(at + 6) - t;
    const duration = ring.at(at + 7);
    const ending = firstOf(end);
    this.#writeHead(ring.at(at), t);
    this.#writeRequest(secondOf(place), 0, firstOf(place), secondOf(what));
    this.#out.phrase(CONNECTION).int(secondOf(end)).phrase(WAIT).ms(wait);
    this.#out.phrase(USE).ms(start + duration - wait).phrase(OUTCOMES[ending % STATUS_FACTOR]!).phrase(QUERIES);
    this.#writeQuery(firstOf(what), start, duration, (ending / STATUS_FACTOR) | 0, '', 0, 0);
    this.#out.phrase(END_OF_QUERY);
  }

  #takeRequest(at: number): Open {
    const ring = this.#ring;
    const who = ring.at(at);
    const open = (this.#open[firstOf(who)] ??= newOpen());
    // The one that had the slot lost its end: what was not yet written of it must not become this one's.
    if (open.changed) this.#writePart(open, -1, -1, '');
    open.who = who;
    open.id = secondOf(who);
    open.t = ring.at(at + 1);
    open.pool = ring.at(at + 2);
    open.source = ring.at(at + 3);
    open.stack = ring.at(at + 4);
    open.inside = ring.at(at + 5);
    open.requestWritten = false;
    open.acquiredAt = Number.NaN;
    open.acquireWritten = false;
    open.connection = 0;
    open.lastQuery = null;
    open.openGap = '';
    open.running = 0;
    open.runningWritten = false;
    return open;
  }

  #takeTaken(at: number): void {
    const open = this.#takeRequest(at);
    open.acquiredAt = open.t + this.#ring.at(at + 6);
    open.connection = this.#ring.at(at + 7);
    this.#touch(open);
  }

  #takeAnswer(open: Open, at: number): void {
    open.queries.add(open.running, open.runningSince - open.t, this.#ring.at(at), this.#ring.at(at + 1), open.runningQueued, open.runningStack);
    open.running = 0;
  }

  #takeStatement(open: Open, at: number): void {
    const ring = this.#ring;
    if (ring.at(at + 6) !== 0) (open.errors ??= new Map()).set(open.queries.length, ring.text(at + 7));
    open.queries.add(ring.at(at + 2), ring.at(at) - open.t, ring.at(at + 1), ring.at(at + 3), ring.at(at + 4), ring.at(at + 5));
    open.running = 0;
  }

  #takeEnd(open: Open, at: number): void {
    const ring = this.#ring;
    this.#writePart(open, ring.at(at), ring.at(at + 1), ring.at(at + 2) === 0 ? '' : ring.text(at + 3));
    open.id = 0;
    open.who = 0;
  }

  /** @param endedAt -1: it goes on. */
  #writePart(open: Open, endedAt: number, outcome: number, error: string): void {
    const out = this.#out;
    const isAcquired = !Number.isNaN(open.acquiredAt);
    this.#writeHead(open.id, open.t);
    if (!open.requestWritten) this.#writeRequest(open.pool, open.source, open.stack, open.inside);
    if (isAcquired && !open.acquireWritten) out.phrase(CONNECTION).int(open.connection).phrase(WAIT).ms(open.acquiredAt - open.t);
    if (endedAt >= 0) {
      out.phrase(isAcquired ? USE : WAIT).ms(endedAt - (isAcquired ? open.acquiredAt : open.t)).phrase(OUTCOMES[outcome]!);
      if (error !== '') out.phrase(ERROR).utf8(JSON.stringify(error));
    }
    if (open.queries.length > 0) this.#writeQueries(open);
    if (open.gaps.length > 0) out.phrase(GAPS).utf8(open.gaps.join(',')).phrase(CLOSE);
    const isRunning = endedAt < 0 && open.running !== 0;
    if (isRunning) out.phrase(RUNNING).int(open.running).phrase(COMMA).ms(open.runningSince - open.t).phrase(COMMA).int(open.runningStack).phrase(CLOSE);
    else if (open.runningWritten) out.phrase(NOT_RUNNING);
    out.phrase(END);
    open.requestWritten = true;
    open.acquireWritten = isAcquired;
    if (endedAt < 0) keepLast(open);
    open.queries.clear();
    open.errors = null;
    if (open.gaps.length > 0) open.gaps.length = 0;
    open.runningWritten = isRunning;
    open.changed = false;
  }

  #writeHead(id: number, t: number): void {
    this.#out.phrase(HEAD).int(id).phrase(TIME).ms(t);
  }

  #writeRequest(pool: number, source: number, stack: number, inside: number): void {
    const out = this.#out;
    out.phrase(POOL).int(pool).phrase(SOURCES[source]!);
    if (stack !== 0) out.phrase(STACK).int(stack);
    if (inside !== 0) out.phrase(INSIDE).int(inside);
  }

  #writeQueries({ queries, errors }: Open): void {
    this.#out.phrase(QUERIES);
    for (let i = 0; i < queries.length; i += QUERY_NUMBERS) {
      if (i > 0) this.#out.phrase(COMMA);
      this.#writeQuery(queries.at(i), queries.at(i + 1), queries.at(i + 2), queries.at(i + 3), errors === null ? '' : (errors.get(i) ?? ''), queries.at(i + 4), queries.at(i + 5));
    }
    this.#out.phrase(CLOSE);
  }

  #writeQuery(statement: number, startMs: number, durationMs: number, status: number, error: string, queuedMs: number, stack: number): void {
    const out = this.#out;
    out.phrase(OPEN).int(statement).phrase(COMMA).ms(startMs).phrase(COMMA).ms(durationMs);
    // Only a statement that really queued behind another says so: the way through the driver takes some microseconds.
    const queued = queuedMs >= SHORTEST_QUEUE_MS;
    if (error !== '' || queued || stack !== 0) {
      out.phrase(STATUSES[status]!);
      if (error === '') out.phrase(NO_ERROR);
      else out.phrase(COMMA).utf8(JSON.stringify(error)).phrase(COMMA);
      out.ms(queued ? queuedMs : 0);
      if (stack !== 0) out.phrase(COMMA).int(stack);
    } else if (status !== 0) out.phrase(STATUSES[status]!);
    out.phrase(CLOSE);
  }
}

/** What the next file would have to begin with, should one begin before the checkout ends. */
function keepLast(open: Open): void {
  const { queries, gaps, errors } = open;
  if (queries.length > 0) {
    const first = queries.length - QUERY_NUMBERS;
    const last = (open.lastQuery ??= []);
    for (let i = 0; i < QUERY_NUMBERS; i++) last[i] = queries.at(first + i);
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
    who: 0,
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
    queries: new Queries(),
    errors: null,
    gaps: [],
    lastQuery: null,
    lastError: '',
    openGap: '',
    running: 0,
    runningSince: 0,
    runningStack: 0,
    runningQueued: 0,
    runningWritten: false,
    changed: false,
  };
}

const BLOCKED = phraseOf('{"type":"blocked","t":');
const MS = phraseOf(',"ms":');
const END = phraseOf('}\n');
const NEWLINE = phraseOf('\n');
const CONNECTION = phraseOf(',"connection":');
const WAIT = phraseOf(',"waitMs":');
const USE = phraseOf(',"useMs":');
const QUERIES = phraseOf(',"q":[');
const END_OF_QUERY = phraseOf(']}\n');
const ERROR = phraseOf(',"error":');
const GAPS = phraseOf(',"gaps":[');
const CLOSE = phraseOf(']');
const RUNNING = phraseOf(',"running":[');
const COMMA = phraseOf(',');
const NO_ERROR = phraseOf(',"",');
const NOT_RUNNING = phraseOf(',"running":null');
const HEAD = phraseOf('{"type":"checkout","id":');
const TIME = phraseOf(',"t":');
const POOL = phraseOf(',"pool":');
const STACK = phraseOf(',"stack":');
const INSIDE = phraseOf(',"inside":');
const OPEN = phraseOf('[');

const SHORTEST_QUEUE_MS = 0.05;
const OUTCOMES = CHECKOUT_OUTCOMES.map((outcome) => phraseOf(`,"outcome":"${outcome}"`));
const SOURCES = CHECKOUT_SOURCES.map((source) => phraseOf(`,"via":"${source}"`));
const STATUSES = TRANSACTION_STATUSES.map((status) => phraseOf(`,"${status}"`));
