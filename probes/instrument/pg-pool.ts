/**
 * pg-pool (https://github.com/brianc/node-postgres/tree/master/packages/pg-pool): where a connection is asked for, handed
 * out and given back. Only methods of the prototype are wrapped; the pool's own objects stay as they are.
 *
 * `connect` queues a pending item or begins a new client with it; `_acquireClient` serves an item; `_release` takes a
 * client back. The pool says nothing of a request that timed out: its pending item is marked, which is watched.
 *
 * These methods run for every statement of the program: no closures, no copies of arguments.
 */
import type { Checkout, PoolState } from '../observe/checkouts.js';
import { createHiddenField } from '../observe/hidden-field.js';
import { itemField, poolField } from '../observe/hot-fields.js';
import type { Observer } from '../observe/observer.js';
import type { Captured, Sampled } from '../observe/stacks.js';
import { errorCode } from './error-code.js';
import { connectionOf, newClients, noteConnected } from './pg-client.js';
import { versionOfCaller } from './package-version.js';
import { watchFlag, wrapMethod, type Method } from './wrap.js';

interface PendingItem {
  callback: (...results: unknown[]) => unknown;
  timedOut?: boolean;
}

interface Pool {
  options?: { max?: number; connectionTimeoutMillis?: number };
  _pendingQueue?: PendingItem[];
  _idle?: unknown[];
  ending?: boolean;
}

const madeAtField = createHiddenField<Captured>();

/** Remembers where a pool is being made. */
export function notePoolMade(observer: Observer, pool: object): void {
  const captured = observer.stacks.capture();
  if (captured !== null) {
    madeAtField.set(pool, captured);
    observer.stacks.learnBundle(captured);
  }
  observer.expectStatements();
}

/**
 * @param watches says whether a pool is to be recorded.
 * @returns what undoes it.
 */
export function instrumentPool(prototype: object, observer: Observer, watches: (pool: object) => boolean): () => void {
  const { operations, stacks } = observer;
  // The first pool of its class is being made.
  const version = versionOfCaller('pg-pool');
  /** The checkout whose `connect` is running. */
  let requesting: Checkout | null = null;
  /** The pool whose `query` is running, and so asks for a connection itself; and where it was called. */
  let querying: Pool | null = null;
  let queryingFrom: Captured | null = null;
  /** The prototype of pending items, which nobody but the pool sees. */
  let items: PendingItem | null = null;

  const watchItems = (item: PendingItem): void => {
    items = Object.getPrototypeOf(item) as PendingItem;
    restores.push(watchFlag(items, 'timedOut', undefined, noteTimeout));
  };

  // The pool calls its caller back right after this, in the same callback of its timer's, which ends what is entered here.
  const noteTimeout = (item: PendingItem): void => {
    const checkout = itemField.get(item);
    if (checkout !== undefined && Number.isNaN(checkout.acquiredAt)) noteRefusal(observer, checkout, 'timeout', '');
  };

  const captureIfWorth = (sampled: Sampled | undefined): Captured | null => (sampled === undefined || stacks.decide(sampled) ? operations.capture() : null);

  const wrapQuery = (original: Method): Method =>
    function query(this: Pool, config: unknown): unknown {
      if (!watches(this)) return Reflect.apply(original, this, arguments);
      const outer = querying;
      const outerFrom = queryingFrom;
      querying = this;
      queryingFrom = null;
      try {
        queryingFrom = captureIfWorth(observer.statementOf(config));
      } catch (error) {
        observer.problem('pool.query', error);
      }
      operations.inDriver++;
      try {
        return Reflect.apply(original, this, arguments);
      } finally {
        operations.inDriver--;
        querying = outer;
        queryingFrom = outerFrom;
      }
    };

  const wrapConnect = (original: Method): Method =>
    function connect(this: Pool): unknown {
      if (!watches(this) || this.ending === true) return Reflect.apply(original, this, arguments);
      const outer = requesting;
      const queued = this._pendingQueue?.length ?? 0;
      const fromQuery = querying === this;
      const captured = fromQuery ? queryingFrom : captureIfWorth(poolField.get(this));
      querying = null;
      try {
        requesting = observer.requested(stateOf(observer, this, version), fromQuery ? 'query' : 'connect', captured, (this._idle?.length ?? 0) > queued);
      } catch (error) {
        observer.problem('pool.connect', error);
      }
      const checkout = requesting;
      operations.inDriver++;
      try {
        return Reflect.apply(original, this, arguments);
      } finally {
        operations.inDriver--;
        requesting = outer;
        const item = checkout !== null && checkout !== outer ? noteQueued(this, checkout, queued) : null;
        if (item !== null && items === null) watchItems(item);
      }
    };

  // A request that finds no idle client is given to a new one, now or when it is its turn in the queue.
  const wrapNewClient = (original: Method): Method =>
    function newClient(this: Pool, item: PendingItem): unknown {
      if (!watches(this)) return Reflect.apply(original, this, arguments);
      const outer = newClients.pool;
      try {
        const checkout = itemField.get(item) ?? requesting;
        if (checkout !== null) noteFailure(observer, item, checkout);
        newClients.pool = stateOf(observer, this, version);
      } catch (error) {
        observer.problem('pool.newClient', error);
      }
      try {
        return Reflect.apply(original, this, arguments);
      } finally {
        newClients.pool = outer;
      }
    };

  const wrapAcquire = (original: Method): Method =>
    function _acquireClient(this: Pool, client: object, item: PendingItem): unknown {
      const checkout = watches(this) ? itemField.get(item) : undefined;
      // Of pg-pool itself (a client past its lifetime is acquired to be closed), or of before we were there.
      if (checkout === undefined || checkout.ended) return Reflect.apply(original, this, arguments);
      const { operation } = checkout;
      try {
        observer.acquired(checkout, connectionOf(client, observer) ?? noteConnected(client, checkout.pool ?? stateOf(observer, this, version)));
        if (operation !== null) operations.enter(operation, checkout);
      } catch (error) {
        observer.problem('pool.acquire', error);
      }
      try {
        return Reflect.apply(original, this, arguments);
      } finally {
        if (operation !== null) operations.leave(operation);
      }
    };

  const wrapRelease = (original: Method): Method =>
    function _release(this: Pool, client: object, _listener: unknown, error?: unknown): unknown {
      const checkout = connectionOf(client, observer)?.checkout ?? null;
      if (checkout !== null) {
        try {
          observer.ended(checkout, error ? 'destroyed' : 'released');
        } catch (failure) {
          observer.problem('pool.release', failure);
        }
      }
      return Reflect.apply(original, this, arguments);
    };

  const restores: (() => void)[] = [
    wrapMethod(prototype, 'query', wrapQuery),
    wrapMethod(prototype, 'connect', wrapConnect),
    wrapMethod(prototype, 'newClient', wrapNewClient),
    wrapMethod(prototype, '_acquireClient', wrapAcquire),
    wrapMethod(prototype, '_release', wrapRelease),
  ];
  return () => restores.forEach((restore) => restore());
}

function stateOf(observer: Observer, pool: Pool, version: string): PoolState {
  let state = poolField.get(pool);
  if (state === undefined || state.observer !== observer) {
    state = observer.addPool({
      kind: 'pg-pool',
      version,
      max: pool.options?.max ?? 0,
      acquireTimeoutMs: pool.options?.connectionTimeoutMillis ?? 0,
      madeAt: madeAtField.get(pool) ?? null,
    });
    poolField.set(pool, state);
  }
  return state;
}

/** Ties the request to the pending item that `connect` queued for it, if it did; returns that. */
function noteQueued({ _pendingQueue: queue }: Pool, checkout: Checkout, queuedBefore: number): PendingItem | null {
  if (queue === undefined || queue.length <= queuedBefore) return null;
  const item = queue[queue.length - 1]!;
  if (itemField.get(item) !== undefined) return null;
  itemField.set(item, checkout);
  return item;
}

/** A new client calls its item back: with an error when it could not connect. */
function noteFailure(observer: Observer, item: PendingItem, checkout: Checkout): void {
  itemField.set(item, checkout);
  const { callback } = item;
  item.callback = function (this: unknown, ...results: unknown[]): unknown {
    if (!results[0] || !Number.isNaN(checkout.acquiredAt)) return callback.apply(this, results);
    const { operation } = checkout;
    if (isTimeout(results[0])) noteRefusal(observer, checkout, 'timeout', '');
    else noteRefusal(observer, checkout, 'failed', errorCode(results[0]));
    try {
      return callback.apply(this, results);
    } finally {
      if (operation !== null) observer.operations.leave(operation);
    }
  };
}

/** The pool's acquire timeout also ends the client that was being connected for the request; there is no code to tell it by. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Connection terminated due to connection timeout';
}

/** A checkout ends before it began; what follows is the continuation of the request for it, in the flow that made it. */
function noteRefusal(observer: Observer, checkout: Checkout, outcome: 'timeout' | 'failed', error: string): void {
  try {
    observer.ended(checkout, outcome, error);
    if (checkout.operation !== null) observer.operations.enter(checkout.operation, checkout.inside);
  } catch (failure) {
    observer.problem('pool.refuse', failure);
  }
}
