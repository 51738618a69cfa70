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
 * Chains are cut to half of this when they reach it: a loop that never ends must not keep all that it ever did. A gap's path
 * has a few dozen steps.
 */
const LONGEST_CHAIN = 2000;

/** Made for every promise of the program: no private methods (they cost a property each), no work beyond its links. */
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
  /** Length of the chain of its origins, about. */
  depth: number;

  constructor(kind: OperationKind, parent: Operation | null, createdIn: Operation | null, createdAt: Turn, owner: Checkout | null, resource: object | null) {
    this.kind = kind;
    this.parent = parent;
    this.createdIn = createdIn;
    this.createdAt = createdAt;
    this.startedBy = owner;
    this.owner = owner;
    this.resource = resource;
    const depth = createdIn === null ? 0 : createdIn.depth + 1;
    this.depth = parent !== null && parent.depth >= depth ? parent.depth + 1 : depth;
    if (this.depth >= LONGEST_CHAIN) cutChain(this);
  }
}

/** Whether a result of this kind can come from nobody but the one that started it: a socket may outlive many requests. */
export function isOneShot(kind: OperationKind): boolean {
  return kind !== OPERATION.socket && kind !== OPERATION.http && kind !== OPERATION.worker && kind !== OPERATION.other;
}

function cutChain(operation: Operation): void {
  let old: Operation | null = operation;
  for (let step = LONGEST_CHAIN / 2; step > 0 && old !== null; step--) old = deepestLink(old);
  if (old !== null) {
    old.parent = null;
    old.createdIn = null;
    old.settledIn = null;
  }
  operation.depth = LONGEST_CHAIN / 2;
}

function deepestLink(operation: Operation): Operation | null {
  let deepest: Operation | null = null;
  for (const link of [operation.parent, operation.createdIn, operation.settledIn]) {
    if (link !== null && link !== operation && (deepest === null || link.depth > deepest.depth)) deepest = link;
  }
  return deepest;
}

const promiseField = createHiddenField<Operation>();
const resourceField = createHiddenField<Operation>();

/** While it is on, records every operation of this thread. */
export class Operations {
  readonly #stacks: Stacks;
  readonly #now: () => number;
  #stopPromises: (() => void) | null = null;
  #resources: AsyncHook | null = null;
  readonly #running: (Operation | null)[] = [];
  /** Before node 24, async_hooks cannot leave promises out: its hooks run for them too, each after ours of the same name. */
  #promisesTwice = false;
  #jobStarted = false;
  #jobEnded = false;

  current: Operation | null = null;
  turn: Turn;
  /** When it was switched on last: what began before is not known. */
  since = 0;
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
    this.since = this.#now();
    this.turn = { at: this.since, root: null };
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
    this.turn = { at: this.#now(), root: operation };
    operation.completedAt = this.turn;
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
    const operation = new Operation(kind, null, this.current, { at: now, root: this.turn.root }, this.owner, resource);
    operation.captured = captured;
    return operation;
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
    const operation = new Operation(OPERATION.promise, origin, this.current, this.turn, this.owner, null);
    promiseField.set(promise, operation);
    if (operation.owner !== null) this.#remember(operation, operation.owner);
  };

  readonly #promiseJobStarts = (promise: Promise<unknown>): void => {
    const operation = promiseField.get(promise) ?? null;
    if (operation !== null) {
      operation.ranAt = this.turn;
      operation.owner = ownerOfJob(operation);
    }
    this.#enter(operation);
    this.#jobStarted = true;
  };

  readonly #promiseJobEnds = (promise: Promise<unknown>): void => {
    this.#leave(promiseField.get(promise) ?? null);
    this.#jobEnded = true;
  };

  readonly #promiseSettled = (promise: Promise<unknown>): void => {
    const operation = promiseField.get(promise);
    if (operation === undefined) return;
    operation.settledIn = this.current;
    operation.completedAt = this.turn;
  };

  readonly #resourceCreated = (_id: number, type: string, _trigger: number, resource: object): void => {
    if (type === 'PROMISE') {
      this.#promisesTwice = true;
      return;
    }
    // What the driver starts leads to a result of its own, which is an operation by itself.
    if (this.inDriver > 0) return;
    // What comes in at a server is a flow of its own, whoever opened the server.
    const isServer = type.endsWith('SERVERWRAP');
    const operation = new Operation(kindOfResource(type), null, this.current, this.turn, isServer ? null : this.owner, resource);
    resourceField.set(resource, operation);
    if (operation.owner !== null && operation.kind !== OPERATION.immediate) this.#remember(operation, operation.owner);
  };

  readonly #callbackStarts = (): void => {
    if (this.#promisesTwice) {
      // node calls this for a promise's job too, right after ours.
      if (this.#jobStarted) {
        this.#jobStarted = false;
        return;
      }
    }
    const operation = resourceField.get(executionAsyncResource()) ?? null;
    if (operation === null || operation.kind !== OPERATION.immediate) this.turn = { at: this.#now(), root: operation };
    if (operation !== null) {
      operation.settledIn = this.current;
      operation.completedAt = this.turn;
      if (operation.owner !== null && !operation.owner.isHeld) operation.owner = null;
    }
    this.#enter(operation);
  };

  readonly #callbackEnds = (): void => {
    if (this.#promisesTwice && this.#jobEnded) {
      this.#jobEnded = false;
      return;
    }
    this.#leave(resourceField.get(executionAsyncResource()) ?? null);
  };

  /** Remembers where the program started it, unless it is the driver's or the mere continuation of a statement of it. */
  #remember(operation: Operation, owner: Checkout): void {
    if (this.inDriver > 0) {
      operation.captured = DRIVERS;
      return;
    }
    if (operation.parent?.captured === DRIVERS) return;
    owner.lastStarted = operation;
    if (owner.isSampled) operation.captured = this.#stacks.capture();
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
