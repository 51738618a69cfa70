import { CHECKOUT_OUTCOMES, CHECKOUT_SOURCES, TRANSACTION_STATUSES, WAIT_KINDS, type RawGap, type RawWait } from '../../probes/trace/events.js';
import { toUs, US } from '../microseconds.js';

/** Not in the line. */
export const NONE = -1;

/** The numbers of a statement in `CheckoutDraft.queries`, in this order; the error's position is in `errors`, 0 for none. */
export const QUERY = { statement: 0, startUs: 1, us: 2, status: 3, error: 4, queuedUs: 5, stack: 6, size: 7 } as const;

/** A gap and its waits, spelled out: times from the checkout's request on, 0 and "" for none. */
export interface DraftGap {
  startUs: number;
  us: number;
  waits: DraftWait[];
  ended: number;
  unwatched: boolean;
  open: boolean;
}

export interface DraftWait {
  startUs: number;
  us: number;
  /** Position in WAIT_KINDS. */
  kind: number;
  detail: string;
  started: number;
  awaited: number;
  foreign: boolean;
}

export type DraftRunning = [statement: number, startUs: number, stack: number];

/**
 * A checkout line (or several parts of one put together) as numbers, between its text and its columns. One draft serves
 * line after line: nothing is allocated for the most frequent ones. Enumerations are positions in their lists. Times are
 * whole microseconds, which is as exact as the format: V8 makes no object of such a number, and one of nearly every other.
 */
export class CheckoutDraft {
  id = 0;
  tUs = 0;
  pool: number = NONE;
  via: number = NONE;
  stack = 0;
  inside = 0;
  connection: number = NONE;
  waitUs: number = NONE;
  useUs: number = NONE;
  outcome: number = NONE;
  error = '';
  /** QUERY.size numbers each, up to `queryEnd`. (A list that is emptied for each line would give its memory back each time.) */
  queries: Float64Array = new Float64Array(QUERY.size * 4);
  queryEnd = 0;
  /** The errors of statements; the first one is "". */
  errors: string[] = [''];
  gaps: DraftGap[] | null = null;
  /** undefined: not in the line; null: nothing is running. */
  running: DraftRunning | null | undefined = undefined;

  clear(): void {
    this.pool = this.via = this.connection = this.waitUs = this.useUs = this.outcome = NONE;
    this.stack = this.inside = 0;
    this.error = '';
    this.queryEnd = 0;
    if (this.errors.length > 1) this.errors.length = 1;
    this.gaps = null;
    this.running = undefined;
  }

  /** @param error its text; "" for none. */
  addQuery(statement: number, startUs: number, us: number, status: number, error: string, queuedUs: number, stack: number): void {
    const at = this.queryEnd;
    if (at === this.queries.length) this.#grow();
    const { queries } = this;
    queries[at] = statement;
    queries[at + QUERY.startUs] = startUs;
    queries[at + QUERY.us] = us;
    queries[at + QUERY.status] = status;
    queries[at + QUERY.error] = error === '' ? 0 : this.errors.push(error) - 1;
    queries[at + QUERY.queuedUs] = queuedUs;
    queries[at + QUERY.stack] = stack;
    this.queryEnd = at + QUERY.size;
  }

  #grow(): void {
    const larger = new Float64Array(this.queries.length * 2);
    larger.set(this.queries);
    this.queries = larger;
  }

  /** Whether a part says otherwise than those before it: then it is none of this checkout. */
  contradicts(part: CheckoutDraft): boolean {
    const differ = (own: number, other: number, none: number): boolean => own !== none && other !== none && own !== other;
    return (
      this.tUs !== part.tUs ||
      differ(this.pool, part.pool, NONE) ||
      differ(this.via, part.via, NONE) ||
      differ(this.stack, part.stack, 0) ||
      differ(this.inside, part.inside, 0) ||
      differ(this.connection, part.connection, NONE) ||
      differ(this.waitUs, part.waitUs, NONE) ||
      (part.running !== undefined && part.running !== null && this.#hasEnded(part.running))
    );
  }

  /** A statement that is said to run has ended before: the part belongs before others. */
  #hasEnded([statement, startUs]: DraftRunning): boolean {
    for (let own = this.queryEnd - QUERY.size; own >= 0; own -= QUERY.size) {
      const ownStartUs = this.queries[own + QUERY.startUs] as number;
      if (ownStartUs === startUs && this.queries[own] === statement) return true;
      if (ownStartUs + (this.queries[own + QUERY.us] as number) < startUs) return false;
    }
    return false;
  }

  /** How parts add up is written at CheckoutLine. */
  merge(part: CheckoutDraft): void {
    if (part.pool !== NONE) this.pool = part.pool;
    if (part.via !== NONE) this.via = part.via;
    if (part.stack !== 0) this.stack = part.stack;
    if (part.inside !== 0) this.inside = part.inside;
    if (part.connection !== NONE) this.connection = part.connection;
    if (part.waitUs !== NONE) this.waitUs = part.waitUs;
    if (part.useUs !== NONE) this.useUs = part.useUs;
    if (part.outcome !== NONE) this.outcome = part.outcome;
    if (part.error !== '') this.error = part.error;
    if (part.running !== undefined) this.running = part.running;
    if (!this.#hasAll(part)) this.#append(part);
    if (part.gaps !== null) this.gaps = this.gaps === null ? part.gaps : mergeGaps(this.gaps, part.gaps);
  }

  #append({ queries, queryEnd, errors }: CheckoutDraft): void {
    const value = (at: number): number => queries[at] as number;
    for (let at = 0; at < queryEnd; at += QUERY.size) {
      const error = errors[value(at + QUERY.error)] as string;
      this.addQuery(value(at), value(at + QUERY.startUs), value(at + QUERY.us), value(at + QUERY.status), error, value(at + QUERY.queuedUs), value(at + QUERY.stack));
    }
  }

  /** A line that stands in the file twice adds nothing: nobody sends the same statement in the same microsecond again. */
  #hasAll({ queries, queryEnd }: CheckoutDraft): boolean {
    for (let at = 0; at < queryEnd; at += QUERY.size) if (!this.#has(queries, at)) return false;
    return true;
  }

  #has(queries: Float64Array, at: number): boolean {
    const [statement, startUs, us] = [queries[at], queries[at + QUERY.startUs], queries[at + QUERY.us]] as [number, number, number];
    for (let own = this.queryEnd - QUERY.size; own >= 0; own -= QUERY.size) {
      const [ownStartUs, ownUs] = [this.queries[own + QUERY.startUs], this.queries[own + QUERY.us]] as [number, number];
      if (ownStartUs === startUs && ownUs === us && this.queries[own] === statement) return true;
      // They are written as they end.
      if (ownStartUs + ownUs < startUs + us - US) return false;
    }
    return false;
  }
}

function mergeGaps(gaps: DraftGap[], more: readonly DraftGap[]): DraftGap[] {
  for (const gap of more) {
    const last = gaps.findLastIndex((other) => other.startUs === gap.startUs);
    if (last < 0) gaps.push(gap);
    else if (!gap.open || gaps[last]?.open === true) gaps[last] = gap;
  }
  return gaps;
}

/** A trace of more than three years is none; nor is a time before its start. */
const LONGEST_MS = 1e11;
const LARGEST_ID = 0xffff_ffff;

export function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LONGEST_MS;
}

/** 0 is "none". */
export function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LARGEST_ID;
}

/** A flag is true, or it is not there. */
export function isFlag(value: unknown): value is true | undefined {
  return value === undefined || value === true;
}

/** Fills `draft` from any parsed checkout line; false when the line is none that the format allows. */
export function draftCheckout(line: Readonly<Record<string, unknown>>, draft: CheckoutDraft): boolean {
  draft.clear();
  const { id, t, pool, via, stack, inside, connection, waitMs, useMs, outcome, error, q, gaps, running } = line;
  if (!isId(id) || id === 0 || !isTime(t)) return false;
  if (![pool, stack, inside, connection].every((value) => value === undefined || isId(value))) return false;
  if (![waitMs, useMs].every((value) => value === undefined || isTime(value))) return false;
  if (error !== undefined && typeof error !== 'string') return false;
  draft.id = id;
  draft.tUs = toUs(t);
  draft.pool = (pool as number | undefined) ?? NONE;
  draft.stack = (stack as number | undefined) ?? 0;
  draft.inside = (inside as number | undefined) ?? 0;
  draft.connection = (connection as number | undefined) ?? NONE;
  draft.waitUs = waitMs === undefined ? NONE : toUs(waitMs as number);
  draft.useUs = useMs === undefined ? NONE : toUs(useMs as number);
  draft.error = error ?? '';
  draft.via = via === undefined ? NONE : CHECKOUT_SOURCES.indexOf(via as never);
  draft.outcome = outcome === undefined ? NONE : CHECKOUT_OUTCOMES.indexOf(outcome as never);
  if ((via !== undefined && draft.via < 0) || (outcome !== undefined && draft.outcome < 0)) return false;
  return (q === undefined || draftQueries(q, draft)) && (gaps === undefined || draftGaps(gaps, draft)) && (running === undefined || draftRunning(running, draft));
}

function draftQueries(q: unknown, draft: CheckoutDraft): boolean {
  if (!Array.isArray(q)) return false;
  for (const query of q as unknown[]) {
    if (!Array.isArray(query)) return false;
    const [statement, startMs, ms, status = 'I', error = '', queuedMs = 0, stack = 0] = query as unknown[];
    const position = TRANSACTION_STATUSES.indexOf(status as never);
    if (!isId(statement) || !isTime(startMs) || !isTime(ms) || position < 0 || typeof error !== 'string' || !isTime(queuedMs) || !isId(stack)) return false;
    draft.addQuery(statement, toUs(startMs), toUs(ms), position, error, toUs(queuedMs), stack);
  }
  return true;
}

/** Takes gaps as they were parsed. */
export function draftGaps(gaps: unknown, draft: CheckoutDraft): boolean {
  if (!Array.isArray(gaps) || !gaps.every(isGap)) return false;
  draft.gaps = gaps.map(draftGap);
  return true;
}

const UNKNOWN_KIND = WAIT_KINDS.indexOf('unknown');

function draftGap({ t, ms, waits, ended = 0, unwatched, open }: RawGap): DraftGap {
  return { startUs: toUs(t), us: toUs(ms), waits: waits.map(draftWait), ended, unwatched: unwatched === true, open: open === true };
}

function draftWait({ t, ms, kind, detail = '', started = 0, awaited = 0, foreign }: RawWait): DraftWait {
  const position = WAIT_KINDS.indexOf(kind);
  // A kind that only a later version knows.
  return { startUs: toUs(t), us: toUs(ms), kind: position < 0 ? UNKNOWN_KIND : position, detail, started, awaited, foreign: foreign === true };
}

function isGap(value: unknown): value is RawGap {
  if (typeof value !== 'object' || value === null) return false;
  const { t, ms, waits, ended, unwatched, open } = value as Partial<Record<keyof RawGap, unknown>>;
  return isTime(t) && isTime(ms) && (ended === undefined || isId(ended)) && [unwatched, open].every(isFlag) && Array.isArray(waits) && waits.every(isWait);
}

function isWait(value: unknown): value is RawWait {
  if (typeof value !== 'object' || value === null) return false;
  const { t, ms, kind, detail, started, awaited, foreign } = value as Partial<Record<keyof RawWait, unknown>>;
  return isTime(t) && isFlag(foreign) && isTime(ms) && typeof kind === 'string' && (detail === undefined || typeof detail === 'string') && [started, awaited].every((id) => id === undefined || isId(id));
}

function draftRunning(running: unknown, draft: CheckoutDraft): boolean {
  if (running !== null && !(Array.isArray(running) && isId(running[0]) && isTime(running[1]) && (running[2] === undefined || isId(running[2])))) return false;
  draft.running = running === null ? null : [running[0] as number, toUs(running[1] as number), (running[2] as number | undefined) ?? 0];
  return true;
}
