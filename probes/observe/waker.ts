/**
 * Who is to blame for a gap: the waker. When a flow goes on after a gap, what runs now was made to run by the completion of
 * some operation, which was started at a place; that in turn ran because of another; and so on, back to the statement with
 * which the gap began. This chain is the gap's critical path. Work that the flow started but did not wait for is not on
 * it, nor are the siblings in a `Promise.all` that finished earlier.
 */
import type { Checkout } from './checkouts.js';
import { OPERATION } from './operation-kinds.js';
import { DRIVERS, isOneShot, type Operation } from './operation.js';
import type { Captured } from './stacks.js';

/** A part of a gap that something was awaited in. */
export interface Waited {
  startMs: number;
  endMs: number;
  /** What completed in the end: a timer, a socket, a statement on another connection. */
  leaf: Operation;
  /** The stack at which the flow started what is nearest to the leaf, if it was captured. */
  started: Captured | null;
  /** Stacks at which it started what lies around that: from the innermost helper outward. */
  around: Captured[];
  /** Where the flow waited for it: from the innermost helper outward. */
  awaited: Captured[];
  /** The flow did not start it: it only waited for it. */
  foreign: boolean;
  /** What another checkout's flow had to do with it, from the leaf outward. */
  elsewhere: Operation[];
}

/** A gap of more steps than this has its earliest part left unexplained. */
const MOST_STEPS = 2000;
const MOST_WAITS = 50;

/**
 * The waits on the critical path of the gap of `checkout` from `gapStart` to `now`, the earliest first; they do not overlap.
 * @param current the operation in which the program goes on.
 */
export function explainGap(current: Operation | null, checkout: Checkout, gapStart: number, now: number): Waited[] {
  if (current !== null && isOwnContinuation(current, checkout)) return [];
  const waits: Waited[] = [];
  let running = current;
  let end = now;
  let steps = 0;
  while (running !== null && waits.length < MOST_WAITS) {
    const path = new Path(checkout, gapStart);
    const leaf = path.follow(running, MOST_STEPS - steps);
    steps += path.steps;
    if (leaf === null || isOwnResult(leaf, checkout)) break;
    const { first } = path;
    const start = first === null ? gapStart : Math.min(end, Math.max(gapStart, first.createdAt.at));
    if (end > start) {
      waits.push({
        startMs: start,
        endMs: end,
        leaf,
        started: first === null ? null : stackOf(first),
        around: path.around,
        awaited: path.awaited,
        foreign: path.isForeign(leaf),
        elsewhere: path.elsewhere,
      });
    }
    end = start;
    // What began before the gap, or elsewhere, explains all of it.
    running = first === null || start <= gapStart ? null : first.createdIn;
  }
  return waits.toReversed();
}

/** Steps of the chains that helpers make around a statement; Knex makes twenty. */
const FEW_STEPS = 24;

/** The commonest case by far, for which nothing need be made: the flow goes on at once with its statement's result. */
function isOwnContinuation(current: Operation, checkout: Checkout): boolean {
  let at: Operation | null = current;
  for (let step = 0; step < FEW_STEPS && at !== null; step++) {
    if (at.kind !== OPERATION.promise) return isOwnResult(at, checkout);
    if (at.parent === null) at = at.ranAfter;
    else if (wasSettledBefore(at.parent, at)) return false;
    else at = at.parent.settledIn;
  }
  return false;
}

/** From what runs back to what came from outside: a resource's callback, or a result of the database. */
class Path {
  readonly #checkout: Checkout;
  readonly #gapStart: number;
  /** The operation nearest to the leaf that the flow itself started. */
  first: Operation | null = null;
  /** These three: innermost first. */
  readonly around: Captured[] = [];
  readonly awaited: Captured[] = [];
  readonly elsewhere: Operation[] = [];
  steps = 0;

  constructor(checkout: Checkout, gapStart: number) {
    this.#checkout = checkout;
    this.#gapStart = gapStart;
  }

  /** The leaf; null where the chain is lost (it began before we recorded, or is too long ago). */
  follow(from: Operation, mostSteps: number): Operation | null {
    let at: Operation | null = from;
    while (at !== null && this.steps++ < mostSteps) {
      this.#note(at);
      if (at.kind === OPERATION.promise) {
        const promise: Operation | null = at.parent;
        if (promise === null) {
          // The job that follows another promise: V8 does not say which. Some job of the same turn made it run.
          at = at.ranAfter;
          continue;
        }
        if (wasSettledBefore(promise, at)) {
          at = at.createdIn;
          continue;
        }
        this.#note(promise);
        at = promise.settledIn;
      } else if (at.kind === OPERATION.immediate) {
        at = at.settledIn ?? at.createdIn;
      } else if (at.settledIn !== null && at.kind !== OPERATION.statement && at.kind !== OPERATION.acquire) {
        at = at.settledIn;
      } else {
        return at;
      }
    }
    return null;
  }

  isForeign(leaf: Operation): boolean {
    if (this.first === null) return true;
    const onlyAwaited = this.first.kind === OPERATION.promise && this.first.parent !== null && !this.#isOwn(this.first.parent);
    const handedOn = this.elsewhere.some((operation) => operation.kind === OPERATION.promise);
    return onlyAwaited || handedOn || (isOneShot(leaf.kind) && leaf.kind !== OPERATION.promise && !this.#isOwn(leaf));
  }

  #isOwn(operation: Operation): boolean {
    return operation.startedBy !== null && this.#checkout.isOfFlow(operation.startedBy);
  }

  /**
   * Whether it tells better than `first` what the flow started. What merely goes on in the next tick is nobody's start. A
   * socket serves what was asked of it, and may have been made for an earlier request of the same flow. And what began
   * before the gap, but for what completes only once, counts where it is itself waited for, and what was started for that.
   */
  #isNearer(operation: Operation): boolean {
    const { first } = this;
    const { at } = operation.createdAt;
    if (first === null || first.kind === OPERATION.immediate) return true;
    if (operation.kind === OPERATION.immediate || operation.kind === OPERATION.socket) return false;
    if (!isOneShot(operation.kind)) return at >= first.createdAt.at;
    if (at >= this.#gapStart || operation.kind !== OPERATION.promise || first.parent === operation) return true;
    return first.createdAt.at < this.#gapStart && at >= first.createdAt.at;
  }

  #note(operation: Operation): void {
    if (!this.#isOwn(operation)) {
      // A socket says nothing of who uses it now.
      if (operation.startedBy !== null && operation.kind !== OPERATION.immediate && isOneShot(operation.kind)) this.elsewhere.unshift(operation);
      return;
    }
    if (this.#isNearer(operation)) this.first = operation;
    const captured = stackOf(operation);
    if (captured === null) return;
    if (operation.kind === OPERATION.promise && operation.parent !== null) this.awaited.unshift(captured);
    this.around.unshift(captured);
  }
}

/** The promise had its result before it was asked for it: that was not to wait. */
function wasSettledBefore(promise: Operation, asked: Operation): boolean {
  return promise.completedAt !== null && promise.completedAt.at < asked.createdAt.at;
}

export function stackOf(operation: Operation): Captured | null {
  return operation.captured === DRIVERS ? null : operation.captured;
}

/** The flow goes on because of its own connection: it waited for nothing else. */
function isOwnResult(leaf: Operation, checkout: Checkout): boolean {
  // A checkout that was refused is followed by the flow that asked for it; its own is never asked for in its own.
  if (leaf.kind === OPERATION.acquire) return leaf.owner === checkout && leaf.startedBy !== checkout;
  if (leaf.kind === OPERATION.statement) return leaf.owner === checkout;
  return leaf.resource !== null && checkout.connection?.speaksThrough(leaf.resource) === true;
}
