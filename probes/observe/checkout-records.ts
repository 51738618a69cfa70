/** The life of a checkout as records of the ring; their numbers stand in records.ts. Written for every statement: nothing is allocated. */
import type { Recorder } from '../recorder/recorder.js';
import { RECORD, STATUS_FACTOR, pair } from '../recorder/records.js';
import { CHECKOUT_OUTCOMES, CHECKOUT_SOURCES, type CheckoutOutcome, type CheckoutSource, type RawGap } from '../trace/events.js';
import type { Checkout, ConnectionState, SubmittedStatement } from './checkouts.js';
import type { Stacks } from './stacks.js';

export class CheckoutRecords {
  readonly #recorder: Recorder;
  readonly #stacks: Stacks;

  constructor(recorder: Recorder, stacks: Stacks) {
    this.#recorder = recorder;
    this.#stacks = stacks;
  }

  /** @returns false when it was dropped for want of room: what follows it would mean nothing. */
  request(checkout: Checkout): boolean {
    if (this.#beginRequest(RECORD.request, 6, checkout) < 0) return false;
    this.#recorder.commit();
    return true;
  }

  acquire(checkout: Checkout, connection: ConnectionState): void {
    const recorder = this.#recorder;
    let at = recorder.begin(RECORD.acquire, 3);
    if (at < 0) return;
    const { cells } = recorder;
    cells[at++] = pair(checkout.slot, checkout.id);
    cells[at++] = checkout.acquiredAt;
    cells[at] = connection.id;
    recorder.commit();
  }

  /** A request that was served before it was written. Dropped, it is as with `request`. */
  taken(checkout: Checkout, connection: ConnectionState): void {
    const recorder = this.#recorder;
    let at = this.#beginRequest(RECORD.taken, 8, checkout);
    if (at < 0) return;
    const { cells } = recorder;
    cells[at++] = checkout.acquiredAt - checkout.requestedAt;
    cells[at] = connection.id;
    recorder.commit();
  }

  /** @returns the cell behind the numbers of the request; -1 when there is no room. */
  #beginRequest(kind: number, length: number, checkout: Checkout): number {
    const recorder = this.#recorder;
    const stack = this.#stacks.idOf(checkout.captured);
    let at = recorder.begin(kind, length);
    if (at < 0) return -1;
    const { cells } = recorder;
    cells[at++] = pair(checkout.slot, checkout.id);
    cells[at++] = checkout.requestedAt;
    cells[at++] = checkout.pool?.id ?? 0;
    cells[at++] = numberOfSource(checkout.via);
    cells[at++] = stack;
    cells[at++] = checkout.inside?.id ?? 0;
    return at;
  }

  start(checkout: Checkout, statement: SubmittedStatement): void {
    const recorder = this.#recorder;
    const stack = this.#stacks.idOf(statement.captured);
    let at = recorder.begin(RECORD.start, 5);
    statement.isWritten = at >= 0;
    if (at < 0) return;
    const { cells } = recorder;
    const startedAt = Math.max(statement.sentAt, checkout.connection?.lastEndedAt ?? 0);
    cells[at++] = pair(checkout.slot, checkout.id);
    cells[at++] = startedAt;
    cells[at++] = statement.statement.id;
    cells[at++] = stack;
    cells[at] = startedAt - statement.submittedAt;
    recorder.commit();
  }

  /** Of a statement that has come to its end, or a cursor to a rest. */
  statement(checkout: Checkout, statement: SubmittedStatement, now: number, durationMs: number, status: number): void {
    const recorder = this.#recorder;
    const { error } = statement;
    if (statement.isWritten && error === '') return this.#answered(checkout, durationMs, status);
    const stack = this.#stacks.idOf(statement.captured);
    let at = recorder.begin(RECORD.statement, 8, error);
    if (at < 0) return;
    const { cells } = recorder;
    cells[at++] = pair(checkout.slot, checkout.id);
    cells[at++] = now - durationMs;
    cells[at++] = durationMs;
    cells[at++] = statement.statement.id;
    cells[at++] = status;
    cells[at++] = Math.max(0, now - durationMs - statement.submittedAt);
    cells[at++] = stack;
    cells[at] = error === '' ? 0 : 1;
    recorder.commit();
  }

  #answered(checkout: Checkout, durationMs: number, status: number): void {
    const recorder = this.#recorder;
    let at = recorder.begin(RECORD.answered, 3);
    if (at < 0) return;
    const { cells } = recorder;
    cells[at++] = pair(checkout.slot, checkout.id);
    cells[at++] = durationMs;
    cells[at] = status;
    recorder.commit();
  }

  gap(checkout: Checkout, gap: RawGap): void {
    const recorder = this.#recorder;
    const at = recorder.begin(RECORD.gap, 1, JSON.stringify(gap));
    if (at < 0) return;
    recorder.cells[at] = pair(checkout.slot, checkout.id);
    recorder.commit();
  }

  end(checkout: Checkout, now: number, outcome: CheckoutOutcome, error: string): void {
    const recorder = this.#recorder;
    let at = recorder.begin(RECORD.end, 4, error);
    if (at < 0) return;
    const { cells } = recorder;
    cells[at++] = pair(checkout.slot, checkout.id);
    cells[at++] = now;
    cells[at++] = numberOfOutcome(outcome);
    cells[at] = error === '' ? 0 : 1;
    recorder.commit();
  }

  /** All of a short `pool.query` in one record, it is by far the commonest; it ends with its statement. */
  query(checkout: Checkout, single: SubmittedStatement, outcome: CheckoutOutcome): void {
    const recorder = this.#recorder;
    const stack = this.#stacks.idOf(checkout.captured);
    let at = recorder.begin(RECORD.query, 8);
    if (at < 0) return;
    const { cells } = recorder;
    cells[at++] = checkout.id;
    cells[at++] = checkout.requestedAt;
    cells[at++] = pair(stack, checkout.pool?.id ?? 0);
    cells[at++] = pair(single.statement.id, checkout.inside?.id ?? 0);
    cells[at++] = pair(checkout.status * STATUS_FACTOR + numberOfOutcome(outcome), checkout.connection?.id ?? 0);
    cells[at++] = checkout.acquiredAt - checkout.requestedAt;
    cells[at++] = single.sentAt;
    cells[at] = single.endedAt - single.sentAt;
    recorder.commit();
  }
}

const CONNECT = CHECKOUT_SOURCES.indexOf('connect');
const RELEASED = CHECKOUT_OUTCOMES.indexOf('released');

/** The commonest first: a search through a list of strings is a call. */
function numberOfSource(source: CheckoutSource): number {
  return source === 'connect' ? CONNECT : CHECKOUT_SOURCES.indexOf(source);
}

function numberOfOutcome(outcome: CheckoutOutcome): number {
  return outcome === 'released' ? RELEASED : CHECKOUT_OUTCOMES.indexOf(outcome);
}
