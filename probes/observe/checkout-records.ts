/** The life of a checkout as records of the ring; their numbers stand in records.ts. Written for every statement: nothing is allocated. */
import type { Recorder } from '../recorder/recorder.js';
import { RECORD } from '../recorder/records.js';
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
    const recorder = this.#recorder;
    const stack = this.#stacks.idOf(checkout.captured);
    let at = recorder.begin(RECORD.request, 7);
    if (at < 0) return false;
    const { cells } = recorder;
    cells[at++] = checkout.slot;
    cells[at++] = checkout.id;
    cells[at++] = checkout.requestedAt;
    cells[at++] = checkout.pool?.id ?? 0;
    cells[at++] = numberOfSource(checkout.via);
    cells[at++] = stack;
    cells[at] = checkout.inside?.id ?? 0;
    recorder.commit();
    return true;
  }

  acquire(checkout: Checkout, connection: ConnectionState): void {
    const recorder = this.#recorder;
    let at = recorder.begin(RECORD.acquire, 4);
    if (at < 0) return;
    const { cells } = recorder;
    cells[at++] = checkout.slot;
    cells[at++] = checkout.id;
    cells[at++] = checkout.acquiredAt;
    cells[at] = connection.id;
    recorder.commit();
  }

  start(checkout: Checkout, statement: SubmittedStatement): void {
    const recorder = this.#recorder;
    const stack = this.#stacks.idOf(statement.captured);
    let at = recorder.begin(RECORD.start, 5);
    if (at < 0) return;
    const { cells } = recorder;
    cells[at++] = checkout.slot;
    cells[at++] = checkout.id;
    cells[at++] = Math.max(statement.sentAt, checkout.connection?.lastEndedAt ?? 0);
    cells[at++] = statement.statement.id;
    cells[at] = stack;
    recorder.commit();
  }

  statement(checkout: Checkout, statement: SubmittedStatement, now: number, durationMs: number, status: number): void {
    const recorder = this.#recorder;
    const { error } = statement;
    const stack = this.#stacks.idOf(statement.captured);
    let at = recorder.begin(RECORD.statement, 9, error);
    if (at < 0) return;
    const { cells } = recorder;
    cells[at++] = checkout.slot;
    cells[at++] = checkout.id;
    cells[at++] = now - durationMs;
    cells[at++] = durationMs;
    cells[at++] = statement.statement.id;
    cells[at++] = status;
    cells[at++] = Math.max(0, now - durationMs - statement.submittedAt);
    cells[at++] = stack;
    cells[at] = error === '' ? 0 : 1;
    recorder.commit();
  }

  gap(checkout: Checkout, gap: RawGap): void {
    const recorder = this.#recorder;
    const at = recorder.begin(RECORD.gap, 2, JSON.stringify(gap));
    if (at < 0) return;
    recorder.cells[at] = checkout.slot;
    recorder.cells[at + 1] = checkout.id;
    recorder.commit();
  }

  end(checkout: Checkout, now: number, outcome: CheckoutOutcome, error: string): void {
    const recorder = this.#recorder;
    let at = recorder.begin(RECORD.end, 5, error);
    if (at < 0) return;
    const { cells } = recorder;
    cells[at++] = checkout.slot;
    cells[at++] = checkout.id;
    cells[at++] = now;
    cells[at++] = numberOfOutcome(outcome);
    cells[at] = error === '' ? 0 : 1;
    recorder.commit();
  }

  /** All of a short `pool.query` in one record: it is by far the commonest. */
  query(checkout: Checkout, single: SubmittedStatement, now: number, outcome: CheckoutOutcome): void {
    const recorder = this.#recorder;
    const stack = this.#stacks.idOf(checkout.captured);
    let at = recorder.begin(RECORD.query, 13);
    if (at < 0) return;
    const { cells } = recorder;
    cells[at++] = checkout.id;
    cells[at++] = checkout.requestedAt;
    cells[at++] = checkout.pool?.id ?? 0;
    cells[at++] = stack;
    cells[at++] = checkout.inside?.id ?? 0;
    cells[at++] = checkout.acquiredAt - checkout.requestedAt;
    cells[at++] = checkout.connection?.id ?? 0;
    cells[at++] = single.sentAt;
    cells[at++] = single.endedAt - single.sentAt;
    cells[at++] = single.statement.id;
    cells[at++] = checkout.status;
    cells[at++] = now;
    cells[at] = numberOfOutcome(outcome);
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
