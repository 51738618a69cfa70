/**
 * The graph of asynchronous operations: for each promise and each resource of node's, where it was created and what made
 * it complete. `waker.ts` walks it backwards.
 *
 * An operation is also what runs: a promise's job or a resource's callback runs "in" it. `current` is the one that runs
 * now. Operations hang on the promises and resources themselves, so that they live as long as those and no longer.
 */
import { createHook, executionAsyncResource, type AsyncHook } from 'node:async_hooks';
import { promiseHooks } from 'node:v8';
import type { Checkout } from './checkouts.js';
import { createHiddenField } from './hidden-field.js';
import { kindOfResource, OPERATION, type OperationKind } from './operation-kinds.js';
import type { Captured, Stacks } from './stacks.js';

/** A moment at which the event loop gave control to the program. Shared by all that happened in it. */
export interface Turn {
  readonly at: number;
  /** What the event loop called: all that happens in the turn follows from it. */
  readonly root: Operation | null;
}

/**
 * How many of the operations that ran last keep their links: the past must not be kept for ever. It is enough for a second
 * of the fastest load, and what has not run yet keeps its own links however long it waits.
 */
const HISTORY = 1 << 15;

export class Operation {
  /** The promise that this one derives from (`then`, `await`). */
  parent: Operation | null;
  createdIn: Operation | null;
  readonly createdAt: Turn;
  /** Promise: in what it was settled. Resource: in what it ran last, when it ran inside something else (`runInAsyncScope`). */
  settledIn: Operation | null = null;
  /** Promise: when it was settled; resource: when its callback ran last. */
  completedAt: Turn | null = null;
  /** Promise: when its job ran. */
  ranAt: Turn | null = null;
  /** The checkout in whose flow it was created. */
  readonly startedBy: Checkout | null;
  /** The checkout in whose flow it runs. */
  owner: Checkout | null;
  readonly kind: OperationKind;
  /** node's object, to ask it what it was for. */
  readonly resource: object | null;
  captured: Captured | null = null;

  constructor(kind: OperationKind, parent: Operation | null, createdIn: Operation | null, createdAt: Turn, owner: Checkout | null, resource: object | null) {
    this.kind = kind;
    this.parent = parent;
    this.createdIn = createdIn;
    this.createdAt = createdAt;
    this.startedBy = owner;
    this.owner = owner;
    this.resource = resource;
  }

  settle(inside: Operation | null, turn: Turn): void {
    this.settledIn = inside;
    this.completedAt = turn;
  }

  /** Whether its result can come from nobody but the one that started it: a socket may outlive many requests. */
  get isOneShot(): boolean {
    return this.kind !== OPERATION.socket && this.kind !== OPERATION.http && this.kind !== OPERATION.worker && this.kind !== OPERATION.other;
  }

  /** Lets go of the past. */
  forget(): void {
    this.parent = null;
    this.createdIn = null;
    this.settledIn = null;
  }
}

const field = createHiddenField<Operation>();

/** While it is on, records every operation of this thread. */
export class Operations {
  readonly #stacks: Stacks;
  readonly #now: () => number;
  #stopPromises: (() => void) | null = null;
  #resources: AsyncHook | null = null;
  readonly #running: (Operation | null)[] = [];
  readonly #history: (Operation | null)[] = Array.from({ length: HISTORY }, () => null);
  #ran = 0;

  current: Operation | null = null;
  turn: Turn;
  /** Above 0 while the driver's own code runs on the program's behalf: what it creates is not the program's doing. */
  inDriver = 0;

  constructor(stacks: Stacks, now: () => number) {
    this.#stacks = stacks;
    this.#now = now;
    this.turn = { at: now(), root: null };
  }

  get on(): boolean {
    return this.#resources !== null;
  }

  /** The checkout in whose flow the program runs now, if that still holds its connection. */
  get owner(): Checkout | null {
    const owner = this.current === null ? null : this.current.owner;
    return owner === null || !owner.isHeld ? null : owner;
  }

  start(): void {
    if (this.on) return;
    this.turn = { at: this.#now(), root: null };
    this.#stopPromises = promiseHooks.createHook({
      init: this.#promiseCreated,
      before: this.#promiseJobStarts,
      after: this.#promiseJobEnds,
      settled: this.#promiseSettled,
    }) as () => void;
    // Where node can leave promises out of async_hooks (24 and later), it is spared to do the same work again.
    const options = { init: this.#resourceCreated, before: this.#callbackStarts, after: this.#callbackEnds, trackPromises: false };
    this.#resources = createHook(options).enable();
  }

  stop(): void {
    this.#stopPromises?.();
    this.#resources?.disable();
    this.#stopPromises = null;
    this.#resources = null;
    this.forgetRunning();
  }

  /** Called where nothing can be running: what an uncaught exception left behind is cleared. */
  forgetRunning(): void {
    this.#running.length = 0;
    this.current = null;
  }

  /** Runs `body` as the continuation of an operation of the driver's: a statement's result, or an acquired connection. */
  runIn<Result>(operation: Operation, owner: Checkout | null, body: () => Result): Result {
    operation.owner = owner;
    this.turn = { at: this.#now(), root: operation };
    operation.completedAt = this.turn;
    this.#enter(operation);
    try {
      return body();
    } finally {
      this.#leave(operation);
    }
  }

  /**
   * An operation that stands for something of the driver's, created now: a statement or a request for a connection.
   * @param resource what can be asked later what it was for.
   */
  create(kind: OperationKind, captured: Captured | null, resource: object | null = null): Operation {
    const operation = new Operation(kind, null, this.current, { at: this.#now(), root: this.turn.root }, this.owner, resource);
    operation.captured = captured;
    return operation;
  }

  #enter(operation: Operation | null): void {
    this.#running.push(this.current);
    this.current = operation;
    if (operation === null) return;
    const at = this.#ran++ & (HISTORY - 1);
    this.#history[at]?.forget();
    this.#history[at] = operation;
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
    const origin = parent === undefined ? null : (field.get(parent) ?? null);
    const operation = new Operation(OPERATION.promise, origin, this.current, this.turn, this.owner, null);
    field.set(promise, operation);
    if (operation.owner !== null) this.#captureFor(operation, this.#promiseCreated);
  };

  readonly #promiseJobStarts = (promise: Promise<unknown>): void => {
    const operation = field.get(promise) ?? null;
    if (operation !== null) {
      operation.ranAt = this.turn;
      operation.owner = ownerOfJob(operation);
    }
    this.#enter(operation);
  };

  readonly #promiseJobEnds = (promise: Promise<unknown>): void => {
    this.#leave(field.get(promise) ?? null);
  };

  readonly #promiseSettled = (promise: Promise<unknown>): void => {
    field.get(promise)?.settle(this.current, this.turn);
  };

  readonly #resourceCreated = (_id: number, type: string, _trigger: number, resource: object): void => {
    if (type === 'PROMISE') return;
    // What comes in at a server is a flow of its own, whoever opened the server.
    const isServer = type.endsWith('SERVERWRAP');
    const operation = new Operation(kindOfResource(type), null, this.current, this.turn, isServer ? null : this.owner, resource);
    field.set(resource, operation);
    if (operation.owner !== null && operation.kind !== OPERATION.immediate) this.#captureFor(operation, this.#resourceCreated);
  };

  readonly #callbackStarts = (): void => {
    const resource = executionAsyncResource();
    const operation = field.get(resource) ?? null;
    if (operation !== null && operation.kind === OPERATION.promise) return;
    if (operation === null || operation.kind !== OPERATION.immediate) this.turn = { at: this.#now(), root: operation };
    if (operation === null) {
      // Created before we were on. Promises of that time are not told from resources here, and run their own hook.
      if (resource instanceof Promise) return;
    } else {
      operation.settle(this.current, this.turn);
      if (operation.owner !== null && !operation.owner.isHeld) operation.owner = null;
    }
    this.#enter(operation);
  };

  readonly #callbackEnds = (): void => {
    const resource = executionAsyncResource();
    const operation = field.get(resource) ?? null;
    if (operation === null ? resource instanceof Promise : operation.kind === OPERATION.promise) return;
    this.#leave(operation);
  };

  /** Remembers where the program started it, unless it is the driver's or the mere continuation of a statement of it. */
  #captureFor(operation: Operation, below: (...parameters: never[]) => unknown): void {
    if (this.inDriver > 0 || operation.parent?.captured === DRIVERS) {
      operation.captured = this.inDriver > 0 ? DRIVERS : null;
      return;
    }
    operation.captured = this.#stacks.capture(below);
    operation.startedBy!.lastStarted = operation;
  }
}

/** Stands for the stack of what the driver created. */
export const DRIVERS: Captured = { id: 0, application: 'absent' };

/**
 * In whose flow a promise job runs: that of the checkout in whose flow it was created, if that is still held; else that of
 * the checkout whose result it waited for, directly or through a helper's promise that nobody else can have (it was made
 * where it is awaited: a promise from a cache was not).
 */
function ownerOfJob(job: Operation): Checkout | null {
  if (job.owner !== null && job.owner.isHeld) return job.owner;
  const settledIn = job.parent?.settledIn ?? null;
  if (settledIn === null || settledIn.owner === null || !settledIn.owner.isHeld) return null;
  const isResult = settledIn.kind === OPERATION.statement || settledIn.kind === OPERATION.acquire;
  return isResult || job.parent!.createdIn === job.createdIn ? settledIn.owner : null;
}
