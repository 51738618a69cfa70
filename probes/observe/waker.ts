/**
 * Who is to blame for a gap: the waker. When a flow goes on after a gap, what runs now was made to run by the completion of
 * some operation, which was started at a place; that in turn ran because of another; and so on, back to the statement with
 * which the gap began. This chain is the gap's critical path. Work that the flow started but did not wait for is not on
 * it, nor are the siblings in a `Promise.all` that finished earlier.
 */
import type { Checkout } from './checkouts.js';
import { OPERATION } from './operation-kinds.js';
import { DRIVERS, type Operation } from './operations.js';
import type { Captured } from './stacks.js';

/** A part of a gap that something was awaited in. */
export interface Waited {
  startMs: number;
  endMs: number;
  /** What completed in the end: a timer, a socket, a statement on another connection. */
  leaf: Operation;
  /** Stacks at which the flow started it: from the innermost helper outward. */
  started: Captured[];
  /** Where the flow waited for it. */
  awaited: Captured | null;
  foreign: boolean;
}

/** A gap of more steps than this has its earliest part left unexplained. */
const MOST_STEPS = 2000;
const MOST_WAITS = 50;

/**
 * The waits on the critical path of the gap of `checkout` from `gapStart` to `now`, the earliest first; they do not overlap.
 * @param current the operation in which the program goes on.
 */
export function explainGap(current: Operation | null, checkout: Checkout, gapStart: number, now: number): Waited[] {
  const waits: Waited[] = [];
  let running = current;
  let end = now;
  let steps = 0;
  while (running !== null && waits.length < MOST_WAITS) {
    const link = followToLeaf(running, checkout, gapStart, MOST_STEPS - steps);
    steps += link.steps;
    if (link.leaf === null || isOwnResult(link.leaf, checkout)) break;
    const first = link.firstOwn;
    const start = first === null ? gapStart : Math.max(gapStart, first.createdAt.at);
    if (end > start) {
      waits.push({ startMs: start, endMs: end, leaf: link.leaf, started: link.started, awaited: link.awaited, foreign: first === null });
    }
    end = start;
    // What began before the gap, or elsewhere, explains all of it.
    running = first === null || start <= gapStart ? null : first.createdIn;
  }
  return waits.reverse();
}

interface Link {
  /** Null: the chain is lost (it began before we recorded, or was cut). */
  leaf: Operation | null;
  /** The operation nearest to the leaf that the flow itself started, within the gap if there is one. */
  firstOwn: Operation | null;
  started: Captured[];
  awaited: Captured | null;
  steps: number;
}

/** From what runs back to what came from outside: a resource's callback, or a result of the database. */
function followToLeaf(from: Operation, checkout: Checkout, gapStart: number, mostSteps: number): Link {
  const link: Link = { leaf: null, firstOwn: null, started: [], awaited: null, steps: 0 };
  let at: Operation | null = from;
  while (at !== null && link.steps < mostSteps) {
    link.steps++;
    note(link, at, checkout, gapStart);
    if (at.kind === OPERATION.promise) {
      const promise: Operation | null = at.parent;
      if (promise === null) return link;
      note(link, promise, checkout, gapStart);
      if (promise.settledIn === null) {
        // Settled where we could not see it; the promise itself is all that is known.
        link.leaf = promise.completedAt === null || promise.completedAt.at >= gapStart ? promise : null;
        return link;
      }
      at = promise.settledIn;
    } else if (at.kind === OPERATION.immediate) {
      at = at.settledIn ?? at.createdIn;
    } else if (at.settledIn !== null && at.kind !== OPERATION.statement && at.kind !== OPERATION.acquire) {
      at = at.settledIn;
    } else {
      link.leaf = at;
      return link;
    }
  }
  return link;
}

function note(link: Link, operation: Operation, checkout: Checkout, gapStart: number): void {
  if (operation.startedBy === null || !checkout.isOfFlow(operation.startedBy)) return;
  const inGap = operation.createdAt.at >= gapStart;
  // One that began before the gap counts only where none of the gap's own is on the chain.
  if (inGap || link.firstOwn === null || link.firstOwn.createdAt.at < gapStart) link.firstOwn = operation;
  const { captured } = operation;
  if (captured === null || captured === DRIVERS) return;
  if (link.awaited === null && operation.kind === OPERATION.promise && operation.parent !== null) link.awaited = captured;
  link.started.unshift(captured);
}

/** The gap's flow goes on because of a result of its own connection: it waited for nothing else. */
function isOwnResult(leaf: Operation, checkout: Checkout): boolean {
  return (leaf.kind === OPERATION.statement || leaf.kind === OPERATION.acquire) && leaf.owner === checkout;
}
