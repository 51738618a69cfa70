/**
 * Node's hooks, which build the graph of operations: `current` is the one that runs now. They run for every promise of the
 * program.
 */
import { executionAsyncResource } from 'node:async_hooks';
import { types } from 'node:util';
import type { Checkout } from './checkouts.js';
import { isDeep } from '../deep/mode.js';
import { promiseField, resourceField } from './hot-fields.js';
import { DRIVERS, deepen, forgetParent, innerOfJob, Operation, ownerOfJob, type Moment } from './operation.js';
import { kindOfResource, OPERATION, type OperationKind } from './operation-kinds.js';
import type { Captured, Sampled, Stacks } from './stacks.js';
import { startHooks } from './traceless-hooks.js';

const { isPromise } = types;

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
