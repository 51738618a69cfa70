import { TRANSACTION_STATUSES } from '../../probes/trace/events.js';
import { US } from '../microseconds.js';
import { NONE, QUERY, type CheckoutDraft, type DraftGap, type DraftWait } from './checkout-draft.js';
import { Column, MomentColumn, TimeColumn } from './column.js';

/** Bits of `CheckoutTable.facts`: what is known of a checkout without looking at its statements and gaps. */
export const MARK = {
  /** It got a connection. */
  acquired: 1,
  /** After one of its statements a transaction was open. */
  transaction: 2,
  /** A statement queued on the client. */
  queued: 4,
  /** A wait was seen in one of its gaps. */
  waits: 8,
  /** There is a stack of a statement, of what ended a gap, or of a wait. */
  stacks: 16,
  /** A statement was running when this was written last: see `running`. */
  running: 32,
  /** Its statements are not in the order of their starts. */
  unsorted: 64,
  /** After its last statement a transaction was open, or may have been. */
  leftOpen: 128,
  /** A statement ended after the connection had been given back. */
  overran: 256,
  /** Its flow held another one already: see `nested`. */
  nested: 512,
  /** It ended with an error: see `errors`. */
  error: 1024,
} as const;

/** Bits of `gaps.marks` and `waits.marks`. */
export const GAP_MARK = { unwatched: 1, open: 2 } as const;
export const WAIT_MARK = { foreign: 1 } as const;

/** In place of a position in CHECKOUT_OUTCOMES: it had not ended. */
export const NO_OUTCOME = 7;
/** Behind the eleven marks: with both, facts take two bytes. */
const VIA_SHIFT = 11;
const OUTCOME_SHIFT = 13;

/** Position in CHECKOUT_SOURCES. */
export function viaOf(facts: number): number {
  return (facts >>> VIA_SHIFT) & 3;
}

/** Position in CHECKOUT_OUTCOMES, or NO_OUTCOME. */
export function outcomeOf(facts: number): number {
  return facts >>> OUTCOME_SHIFT;
}

const STATUS_BITS = 2;

/** Of a statement: position in TRANSACTION_STATUSES. */
export function statusOf(facts: number): number {
  return facts & ((1 << STATUS_BITS) - 1);
}

/** Of a statement: row of what few have; 0: nothing of it. */
export function moreOf(facts: number): number {
  return facts >>> STATUS_BITS;
}

export type Running = readonly [statement: number, startMs: number, stack: number];

const IDLE = TRANSACTION_STATUSES.indexOf('I');
const NOT_SERVED = new Set([2, 3]);

/**
 * All checkouts of a trace in columns, a row each: a million of them in some 100 MB, where objects take two gigabytes.
 * Statements, gaps and waits have rows of their own: those of checkout i are the ones from `firstQuery.at(i)` to
 * `firstQuery.at(i + 1)`. Their times are relative to the checkout's `t`. Ids are the trace's own, 0 for none.
 */
export class CheckoutTable {
  readonly id = new Column();
  readonly t = new MomentColumn();
  /** 0 where it is not known. */
  readonly waitMs = new TimeColumn();
  readonly useMs = new TimeColumn();
  readonly pool = new Column();
  readonly connection = new Column();
  readonly stack = new Column();
  /** Bits of MARK, and two positions: see `viaOf` and `outcomeOf`. */
  readonly facts = new Column();
  readonly firstQuery = new Column();
  readonly firstGap = new Column();
  /** The rows that have an `inside`, and that. */
  readonly nested = { row: new Column(), inside: new Column() };
  /** By row. */
  readonly errors = new Map<number, string>();
  /** By row. */
  readonly running = new Map<number, Running>();
  readonly queries = {
    statement: new Column(),
    startMs: new TimeColumn(),
    ms: new TimeColumn(),
    /** Two numbers: see `statusOf` and `moreOf`. */
    facts: new Column(),
    // What few statements have has rows of its own.
    queuedMs: new TimeColumn(),
    stack: new Column(),
    error: new Column(),
  };
  readonly gaps = { startMs: new TimeColumn(), ms: new TimeColumn(), ended: new Column(), marks: new Column(), firstWait: new Column() };
  readonly waits = {
    startMs: new TimeColumn(),
    ms: new TimeColumn(),
    /** Position in WAIT_KINDS. */
    kind: new Column(),
    detail: new Column(),
    started: new Column(),
    awaited: new Column(),
    marks: new Column(),
  };
  /** Errors and details; the first one is "". */
  readonly texts = [''];
  readonly #textIndex = new Map<string, number>([['', 0]]);

  constructor() {
    this.#addMore(0, 0, 0);
    this.firstQuery.push(0);
    this.firstGap.push(0);
    this.gaps.firstWait.push(0);
  }

  get length(): number {
    return this.id.length;
  }

  add(draft: CheckoutDraft): void {
    const row = this.length;
    const { outcome } = draft;
    const isAcquired = outcome === NONE ? draft.connection !== NONE || draft.waitUs !== NONE : !NOT_SERVED.has(outcome);
    let marks = (isAcquired ? MARK.acquired : 0) | this.#addQueries(draft);
    if (draft.gaps !== null) marks |= this.#addGaps(draft.gaps);
    if (draft.running) {
      marks |= MARK.running;
      const [statement, startUs, stack] = draft.running;
      this.running.set(row, [statement, startUs / US, stack]);
    }
    if (draft.inside !== 0) {
      marks |= MARK.nested;
      this.nested.row.push(row);
      this.nested.inside.push(draft.inside);
    }
    if (draft.error !== '') {
      marks |= MARK.error;
      this.errors.set(row, this.texts[this.#text(draft.error)] as string);
    }
    this.id.push(draft.id);
    this.t.push(draft.tUs);
    this.waitMs.push(Math.max(0, draft.waitUs));
    this.useMs.push(Math.max(0, draft.useUs));
    this.pool.push(Math.max(0, draft.pool));
    this.connection.push(Math.max(0, draft.connection));
    this.stack.push(draft.stack);
    this.facts.push(marks | (Math.max(0, draft.via) << VIA_SHIFT) | ((outcome === NONE ? NO_OUTCOME : outcome) << OUTCOME_SHIFT));
    this.firstQuery.push(this.queries.statement.length);
    this.firstGap.push(this.gaps.ended.length);
  }

  /** @returns marks. */
  #addQueries({ queries, queryEnd, errors, running, waitUs, useUs }: CheckoutDraft): number {
    const columns = this.queries;
    let marks = 0;
    let lastUs = -1;
    const endUs = useUs === NONE ? Infinity : waitUs + useUs;
    for (let at = 0; at < queryEnd; at += QUERY.size) {
      const startUs = queries[at + QUERY.startUs] as number;
      const us = queries[at + QUERY.us] as number;
      const status = queries[at + QUERY.status] as number;
      const error = queries[at + QUERY.error] as number;
      const queuedUs = queries[at + QUERY.queuedUs] as number;
      const stack = queries[at + QUERY.stack] as number;
      columns.statement.push(queries[at] as number);
      columns.startMs.push(startUs);
      columns.ms.push(us);
      const more = error === 0 && queuedUs === 0 && stack === 0 ? 0 : this.#addMore(queuedUs, stack, error === 0 ? 0 : this.#text(errors[error] as string));
      columns.facts.push(status | (more << STATUS_BITS));
      if (status !== IDLE) marks |= MARK.transaction;
      if (queuedUs !== 0) marks |= MARK.queued;
      if (startUs + us > endUs) marks |= MARK.overran;
      if (stack !== 0) marks |= MARK.stacks;
      if (startUs < lastUs) marks |= MARK.unsorted;
      lastUs = startUs;
    }
    const lastStatus = queryEnd === 0 ? IDLE : queries[queryEnd - QUERY.size + QUERY.status];
    return lastStatus !== IDLE || running || (marks & MARK.unsorted) !== 0 ? marks | MARK.leftOpen : marks;
  }

  #addMore(queuedUs: number, stack: number, error: number): number {
    const { queuedMs: queued, stack: stacks, error: errors } = this.queries;
    queued.push(queuedUs);
    stacks.push(stack);
    errors.push(error);
    return errors.length - 1;
  }

  #addGaps(gaps: readonly DraftGap[]): number {
    const columns = this.gaps;
    let marks = 0;
    for (const { startUs, us, waits, ended, unwatched, open } of gaps) {
      columns.startMs.push(startUs);
      columns.ms.push(us);
      columns.ended.push(ended);
      columns.marks.push((unwatched ? GAP_MARK.unwatched : 0) | (open ? GAP_MARK.open : 0));
      if (ended !== 0) marks |= MARK.stacks;
      if (waits.length > 0) marks |= MARK.waits;
      for (const wait of waits) if (this.#addWait(wait)) marks |= MARK.stacks;
      columns.firstWait.push(this.waits.kind.length);
    }
    return marks;
  }

  /** @returns whether it has a stack. */
  #addWait({ startUs, us, kind, detail, started, awaited, foreign }: DraftWait): boolean {
    const columns = this.waits;
    columns.startMs.push(startUs);
    columns.ms.push(us);
    columns.kind.push(kind);
    columns.detail.push(this.#text(detail));
    columns.started.push(started);
    columns.awaited.push(awaited);
    columns.marks.push(foreign ? WAIT_MARK.foreign : 0);
    return started !== 0 || awaited !== 0;
  }

  #text(text: string): number {
    let index = this.#textIndex.get(text);
    if (index === undefined) this.#textIndex.set(text, (index = this.texts.push(text) - 1));
    return index;
  }
}
