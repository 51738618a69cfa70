/**
 * The graph of asynchronous operations: for each promise and each resource of node's, where it was created and what made
 * it complete. `waker.ts` walks it backwards.
 *
 * An operation is also what runs: a promise's job or a resource's callback runs "in" it. `current` is the one that runs
 * now. Operations hang on the promises and resources themselves, so that they live as long as those and no longer.
 */
import { executionAsyncResource } from 'node:async_hooks';
import { types } from 'node:util';
import type { Checkout } from './checkouts.js';
import { isDeep } from '../deep/mode.js';
import { promiseField, resourceField } from './hot-fields.js';
import { kindOfResource, OPERATION, type OperationKind } from './operation-kinds.js';
import type { Captured, Sampled, Stacks } from './stacks.js';
import { startHooks } from './traceless-hooks.js';

const { isPromise } = types;

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
function deepen(operation: Operation, link: Operation): void {
  if (link.depth < operation.depth || link === operation) return;
  operation.depth = link.depth + 1;
  operation.floor = link.floor;
  if (operation.depth - operation.floor >= LONGEST_CHAIN) cutChains(operation);
}

/** Whether a result of this kind can come from nobody but the one that started it: a socket may outlive many requests. */
export function isOneShot(kind: OperationKind): boolean {
  return kind !== OPERATION.socket && kind !== OPERATION.http && kind !== OPERATION.worker && kind !== OPERATION.other;
}

/** How far to look for the application from where a library runs by itself. */
const MOST_OUTWARD = 16;

/** In deep mode only: the numbers that async_hooks gave to node's resources. */
export const asyncIds: WeakMap<Operation, number> | null = isDeep() ? new WeakMap() : null;

/** While it is on, records every operation of this thread. */
export class Operations {
  readonly #stacks: Stacks;
  readonly #now: () => number;
  #stopHooks: (() => void) | null = null;
  readonly #running: (Operation | null)[] = [];
  /**
   * Before node 24, async_hooks do not leave promises out as soon as somebody else uses them: its hooks run for them too, each
   * after ours of the same name.
   */
  #promisesTwice = false;
  #jobStarted = false;
  #jobEnded = false;

  current: Operation | null = null;
  readonly #awaits: Sampled = { seen: 0 };
  /** The last promise, if it derives from one of before we followed. */
  #ofUnknown: Operation | null = null;
  /** What the present job settled last, but for its own promise. */
  #settledLast: Operation | null = null;
  /** Of the present turn: when it began, and what the event loop called. */
  #moment: Moment;
  #root: Operation | null = null;
  /** When it was switched on last: what began before is not known. */
  since = 0;
  /** Above 0 while the driver's own code runs on the program's behalf: what it creates is not the program's doing. */
  inDriver = 0;

  constructor(stacks: Stacks, now: () => number) {
    this.#stacks = stacks;
    this.#now = now;
    this.#moment = { at: now() };
  }

  get on(): boolean {
    return this.#stopHooks !== null;
  }

  /** The checkout in whose flow the program runs now, if that still holds its connection. */
  get owner(): Checkout | null {
    const owner = this.current === null ? null : this.current.owner;
    return owner === null || !owner.isHeld ? null : owner;
  }

  /** The checkout that this flow took last while it held its owner's, if it still holds that. */
  get inner(): Checkout | null {
    let inner = this.current === null ? null : this.current.inner;
    while (inner !== null && !inner.isHeld) inner = inner.inside;
    return inner;
  }

  start(): void {
    if (this.on) return;
    this.since = this.#now();
    this.#beginTurn(this.since, null);
    this.#stopHooks = startHooks(
      { init: this.#promiseCreated, before: this.#promiseJobStarts, after: this.#promiseJobEnds, settled: this.#promiseSettled },
      { init: this.#resourceCreated, before: this.#callbackStarts, after: this.#callbackEnds },
    );
  }

  stop(): void {
    this.#stopHooks?.();
    this.#stopHooks = null;
    this.#running.length = 0;
    this.current = null;
    this.#jobStarted = false;
    this.#jobEnded = false;
  }

  /**
   * What runs until `leave` is the continuation of an operation of the driver's: of a statement's result, or of an acquired
   * connection.
   */
  enter(operation: Operation, owner: Checkout | null): void {
    operation.owner = owner;
    // In the middle of another flow's job (it gives a connection back that this one waits for), the turn is still the other's.
    if (this.current === null || this.current.kind !== OPERATION.promise) this.#beginTurn(this.#now(), operation);
    operation.completedAt = this.#moment;
    this.#enter(operation);
  }

  leave(operation: Operation): void {
    this.#leave(operation);
  }

  /**
   * An operation that stands for something of the driver's, created now: a statement or a request for a connection.
   * @param resource what can be asked later what it was for.
   */
  create(kind: OperationKind, captured: Captured | null, now: number, resource: object | null): Operation {
    const { owner } = this;
    this.#goOn();
    const operation = new Operation(kind, null, this.#origin(owner), { at: now }, owner, resource);
    operation.captured = captured;
    return operation;
  }

  /**
   * The current stack. A library that runs in a job of its own (that of a query builder's `then`) has nothing of the
   * application on it: then it goes on with where that job was awaited, or with what made that, and so on (a lazy relation
   * is loaded by a chain of jobs, of which only the first was called by the application).
   */
  capture(): Captured | null {
    const captured = this.#stacks.capture();
    if (captured === null) return null;
    let at = this.current;
    for (let step = 0; step < MOST_OUTWARD && at !== null; step++) {
      const outer = at.captured;
      // One that has such a list itself would keep all that came before it.
      if (outer !== null && outer !== DRIVERS && outer.around === undefined) {
        (captured.around ??= []).push(outer);
        // The `then` of what an async function returned: the function's own promise is what ran, and it follows no other.
        if (at.parent === null && at.kind === OPERATION.promise) outer.returns = true;
      }
      at = at.createdIn;
    }
    return captured;
  }

  /** The present job does something: what it settled before was not its end. */
  #goOn(): void {
    if (this.#settledLast === null) return;
    this.#settledLast.handedOn = true;
    this.#settledLast = null;
  }

  #beginTurn(at: number, root: Operation | null): void {
    this.#moment = { at };
    this.#root = root;
  }

  /** What runs now, as the origin of what it creates, if anybody will ask for that: in an open gap. */
  #origin(owner: Checkout | null): Operation | null {
    return owner !== null && owner.inFlight === 0 ? this.current : null;
  }

  #enter(operation: Operation | null): void {
    this.#running.push(this.current);
    this.current = operation;
  }

  #leave(operation: Operation | null): void {
    if (this.current !== operation) {
      // An exception skipped the end of what ran inside.
      const at = this.#running.lastIndexOf(operation);
      if (at < 0) return;
      this.#running.length = at;
      this.current = operation;
    }
    this.current = this.#running.pop() ?? null;
  }

  readonly #promiseCreated = (promise: Promise<unknown>, parent: Promise<unknown> | undefined): void => {
    const origin = parent === undefined ? null : (promiseField.get(parent) ?? null);
    const { owner } = this;
    if (this.#settledLast !== null) this.#goOn();
    const operation = new Operation(OPERATION.promise, origin, this.#origin(owner), this.#moment, owner, null);
    promiseField.set(promise, operation);
    if (owner !== null) this.#remember(operation, owner);
    else if (origin === null) this.#ofUnknown = parent === undefined ? null : operation;
    else if (origin.createdAt === this.#moment && (origin === this.#ofUnknown || (origin.parent !== null && origin.parent.completedAt === null))) this.#rememberAwait(origin);
  };

  readonly #promiseJobStarts = (promise: Promise<unknown>): void => {
    const operation = promiseField.get(promise) ?? null;
    if (operation !== null) {
      operation.ranAfter = operation.parent === null && operation.createdIn !== null && operation.createdAt === this.#moment ? operation.createdIn : this.#root;
      if (operation.parent !== null && operation.parent.completedAt === null) forgetParent(operation);
      if (operation.parent !== null) deepen(operation, operation.parent);
      if (operation.ranAfter !== null) deepen(operation, operation.ranAfter);
      operation.owner = ownerOfJob(operation);
      if (operation.owner !== null) operation.inner = innerOfJob(operation, operation.owner);
    }
    this.#settledLast = null;
    this.#enter(operation);
    this.#jobStarted = true;
  };

  readonly #promiseJobEnds = (promise: Promise<unknown>): void => {
    this.#settledLast = null;
    this.#leave(promiseField.get(promise) ?? null);
    this.#jobEnded = true;
  };

  readonly #promiseSettled = (promise: Promise<unknown>): void => {
    const operation = promiseField.get(promise);
    if (operation === undefined) return;
    operation.settledIn = this.current;
    operation.completedAt = this.#moment;
    if (operation === this.current) return;
    if (this.current !== null) deepen(operation, this.current);
    if (this.#settledLast !== null) this.#goOn();
    this.#settledLast = operation;
  };

  readonly #resourceCreated = (id: number, type: string, _trigger: number, resource: object): void => {
    if (type === 'PROMISE') {
      if (!this.#promisesTwice) this.#seeTwice();
      return;
    }
    // What the driver starts leads to a result of its own, which is an operation by itself.
    if (this.inDriver > 0) return;
    if (this.#settledLast !== null) this.#goOn();
    // What comes in at a server is a flow of its own, whoever opened the server.
    const owner = type.endsWith('SERVERWRAP') ? null : this.owner;
    const kind = kindOfResource(type);
    const createdIn = kind === OPERATION.immediate ? this.current : this.#origin(owner);
    const operation = new Operation(kind, null, createdIn, this.#moment, owner, resource);
    resourceField.set(resource, operation);
    asyncIds?.set(operation, id);
    if (owner !== null && kind !== OPERATION.immediate) this.#remember(operation, owner);
  };

  readonly #callbackStarts = (): void => {
    if (this.#promisesTwice) {
      // node calls this for a promise's job too, right after ours.
      if (this.#jobStarted) {
        this.#jobStarted = false;
        return;
      }
    }
    const resource = executionAsyncResource();
    const operation = resourceField.get(resource) ?? null;
    // The first one that comes twice, of before somebody else's hooks.
    if (operation === null && isPromise(resource)) return this.#seeTwice();
    if (operation === null || operation.kind !== OPERATION.immediate) this.#beginTurn(this.#now(), operation);
    if (operation !== null) {
      operation.settledIn = this.current;
      operation.completedAt = this.#moment;
      if (this.current !== null) deepen(operation, this.current);
      if (operation.owner !== null && !operation.owner.isHeld) operation.owner = null;
    }
    this.#enter(operation);
  };

  readonly #callbackEnds = (): void => {
    if (this.#promisesTwice && this.#jobEnded) {
      this.#jobEnded = false;
      return;
    }
    const resource = executionAsyncResource();
    const operation = resourceField.get(resource) ?? null;
    if (operation === null && isPromise(resource)) return this.#seeTwice();
    this.#leave(operation);
  };

  #seeTwice(): void {
    this.#promisesTwice = true;
    this.#jobStarted = false;
    this.#jobEnded = false;
  }

  /**
   * Two promises that derive from one that is not settled, at once: so begins the `await` of a thenable, perhaps of a query
   * builder, whose `then` will ask for a connection in a job of its own.
   */
  #rememberAwait(operation: Operation): void {
    if (operation.captured === null && this.inDriver === 0 && this.#stacks.decide(this.#awaits)) operation.captured = this.#stacks.capture();
  }

  /** Remembers where the program started it, unless it is the driver's or the mere continuation of a statement of it. */
  #remember(operation: Operation, owner: Checkout): void {
    const { inner } = this;
    operation.inner = inner;
    if (this.inDriver > 0) {
      operation.captured = DRIVERS;
      return;
    }
    if (operation.parent?.captured === DRIVERS) return;
    if (owner.isSampled) operation.captured = this.#stacks.capture();
    owner.noteStart(operation);
    if (inner !== null && inner !== owner) inner.noteStart(operation);
  }
}

/**
 * A job does not follow a promise that is not settled: this is the call of a thenable's `then`, and V8 named the promise of
 * the function that awaits it. What made that run is what ran at its `await`.
 */
function forgetParent(job: Operation): void {
  job.parent = null;
  if (job.createdIn !== null) job.ranAfter = job.createdIn;
}

/** Stands for the stack of what the driver created. */
export const DRIVERS: Captured = { id: 0, application: 'absent' };

/**
 * In whose flow a promise job runs: that of the checkout in whose flow it was created, if that is still held; else that of
 * the checkout whose result it waited for, directly or through a helper's promise that nobody else can have: it was made
 * where it is awaited (a promise from a cache was not), and settling it was all that was left to do (not so for whoever
 * unlocks a mutex that another flow waits for).
 */
function ownerOfJob(job: Operation): Checkout | null {
  if (job.owner !== null && job.owner.isHeld) return job.owner;
  const settledIn = resultOf(job);
  return settledIn === null || settledIn.owner === null || !settledIn.owner.isHeld ? null : settledIn.owner;
}

/** Likewise for a connection that the flow has taken besides that of `owner`. */
function innerOfJob(job: Operation, owner: Checkout): Checkout | null {
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
