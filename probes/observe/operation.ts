/**
 * The graph of asynchronous operations: for each promise and each resource of node's, where it was created and what made
 * it complete. `operations.ts` builds it, `waker.ts` walks it backwards.
 *
 * An operation is also what runs: a promise's job or a resource's callback runs "in" it. Operations hang on the promises and
 * resources themselves, so that they live as long as those and no longer.
 */
import type { Checkout } from './checkouts.js';
import { OPERATION, type OperationKind } from './operation-kinds.js';
import type { Captured } from './stacks.js';

/** Shared by all that happened in a turn of the event loop. */
export interface Moment {
  readonly at: number;
}

/** Made for every promise of the program: no private methods (they cost a property each), no work beyond its links. */
export class Operation {
  /** The promise that this one derives from (`then`, `await`). */
  parent: Operation | null;
  /** In what it was created; only where a gap was open then, as nothing else is asked for it. */
  createdIn: Operation | null;
  readonly createdAt: Moment;
  /** Promise: in what it was settled. Resource: in what it ran last, when it ran inside something else (`runInAsyncScope`). */
  settledIn: Operation | null = null;
  /** Promise: when it was settled; resource: when its callback ran last. */
  completedAt: Moment | null = null;
  /**
   * Promise: what the event loop had called when its job ran, as all that happens in a turn follows from that; or in what it
   * was created, where that was in the same turn.
   */
  ranAfter: Operation | null = null;
  /** The checkout in whose flow it was created. */
  readonly startedBy: Checkout | null;
  /** The checkout in whose flow it runs. */
  owner: Checkout | null;
  /** A further one that this flow took while it held its owner: it waits for both. */
  inner: Checkout | null = null;
  readonly kind: OperationKind;
  /** What to ask what it was for: a statement, or node's object where it says something (it may hold on to much). */
  readonly resource: object | null;
  /** Of a timer. */
  readonly delayMs: number = 0;
  captured: Captured | null = null;
  /** Promise: what settled it went on with something else, as one that hands on a lock, an event or a value does. */
  handedOn = false;
  /** Greater than that of all that it links to, but for those cut off; see `deepen`. */
  depth: number;
  /** Nothing that it leads to is deeper down than this. */
  floor: number;

  constructor(kind: OperationKind, parent: Operation | null, createdIn: Operation | null, createdAt: Moment, owner: Checkout | null, resource: object | null) {
    this.kind = kind;
    this.parent = parent;
    this.createdIn = createdIn;
    this.createdAt = createdAt;
    this.startedBy = owner;
    this.owner = owner;
    if (kind === OPERATION.timer) this.delayMs = (resource as { _idleTimeout: number })._idleTimeout;
    this.resource = kind === OPERATION.statement || kind === OPERATION.socket || kind === OPERATION.dns ? resource : null;
    const origin = createdIn !== null && (parent === null || createdIn.depth > parent.depth) ? createdIn : parent;
    this.depth = origin === null ? 0 : origin.depth + 1;
    this.floor = origin === null ? 0 : origin.floor;
    if (this.depth - this.floor >= LONGEST_CHAIN) cutChains(this);
  }
}

/**
 * Chains are cut to half of this when they reach it: a queue of promises or a loop that never ends must not keep all that
 * it ever did. A gap's path has a few dozen steps.
 */
const LONGEST_CHAIN = 512;

/** Cuts all that `newest` leads to and that is deeper down than half the longest chain. */
function cutChains(newest: Operation): void {
  const floor = newest.depth - LONGEST_CHAIN / 2;
  newest.floor = floor;
  const reached = new Set([newest]);
  for (const operation of reached) {
    operation.floor = Math.max(operation.floor, floor);
    const keep = (link: Operation | null): Operation | null => {
      if (link === null || link.depth < floor) return null;
      reached.add(link);
      return link;
    };
    operation.parent = keep(operation.parent);
    operation.createdIn = keep(operation.createdIn);
    operation.settledIn = keep(operation.settledIn);
    operation.ranAfter = keep(operation.ranAfter);
  }
}

/**
 * An operation links to `link` now, which may lead further back than what it was made in: to the statement before, and from
 * there to the one before that, to the start of the program.
 */
export function deepen(operation: Operation, link: Operation): void {
  if (link.depth < operation.depth || link === operation) return;
  operation.depth = link.depth + 1;
  operation.floor = link.floor;
  if (operation.depth - operation.floor >= LONGEST_CHAIN) cutChains(operation);
}

/** Whether a result of this kind can come from nobody but the one that started it: a socket may outlive many requests. */
export function isOneShot(kind: OperationKind): boolean {
  return kind !== OPERATION.socket && kind !== OPERATION.http && kind !== OPERATION.worker && kind !== OPERATION.other;
}

/** Stands for the stack of what the driver created. */
export const DRIVERS: Captured = { id: 0, application: 'absent' };

/**
 * A job does not follow a promise that is not settled: this is the call of a thenable's `then`, and V8 named the promise of
 * the function that awaits it. What made that run is what ran at its `await`.
 */
export function forgetParent(job: Operation): void {
  job.parent = null;
  if (job.createdIn !== null) job.ranAfter = job.createdIn;
}

/**
 * In whose flow a promise job runs: that of the checkout in whose flow it was created, if that is still held; else that of
 * the checkout whose result it waited for, directly or through a helper's promise that nobody else can have: it was made
 * where it is awaited (a promise from a cache was not), and settling it was all that was left to do (not so for whoever
 * unlocks a mutex that another flow waits for).
 */
export function ownerOfJob(job: Operation): Checkout | null {
  if (job.owner !== null && job.owner.isHeld) return job.owner;
  const settledIn = resultOf(job);
  return settledIn === null || settledIn.owner === null || !settledIn.owner.isHeld ? null : settledIn.owner;
}

/** Likewise for a connection that the flow has taken besides that of `owner`. */
export function innerOfJob(job: Operation, owner: Checkout): Checkout | null {
  const settledIn = resultOf(job);
  if (settledIn === null) return job.inner;
  const taken = settledIn.inner ?? settledIn.owner;
  return taken !== null && taken !== owner && taken.isHeld && taken.isOfFlow(owner) ? taken : job.inner;
}

/** The result that a job waited for, or the job of the helper that made it. */
function resultOf(job: Operation): Operation | null {
  const settledIn = job.parent?.settledIn ?? null;
  if (settledIn === null) return null;
  const isResult = settledIn.kind === OPERATION.statement || settledIn.kind === OPERATION.acquire;
  return isResult || (!job.parent!.handedOn && job.parent!.createdAt === job.createdAt) ? settledIn : null;
}
