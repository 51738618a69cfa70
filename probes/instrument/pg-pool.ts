/**
 * pg-pool (https://github.com/brianc/node-postgres/tree/master/packages/pg-pool): where a connection is asked for, handed
 * out and given back. Only methods of the prototype are wrapped; the pool's own objects stay as they are.
 *
 * `connect` queues a pending item or begins a new client with it; `_acquireClient` serves an item; `_release` takes a
 * client back. The pool says nothing of a request that timed out: its pending item is marked, which is watched.
 */
import type { Checkout, PoolState } from '../observe/checkouts.js';
import { createHiddenField } from '../observe/hidden-field.js';
import type { Observer } from '../observe/observer.js';
import type { Captured } from '../observe/stacks.js';
import { errorCode, type Guard } from './guard.js';
import { connectionOf, poolOfNewClients } from './pg-client.js';
import { wrapMethod } from './wrap.js';

interface PendingItem {
  callback: (...results: unknown[]) => unknown;
  timedOut?: boolean;
}

interface Pool {
  options?: { max?: number; connectionTimeoutMillis?: number };
  _pendingQueue?: PendingItem[];
  ending?: boolean;
}

type Connect = (this: Pool, callback?: unknown) => unknown;
type Query = (this: Pool, ...parameters: unknown[]) => unknown;
type NewClient = (this: Pool, item: PendingItem) => unknown;
type Acquire = (this: Pool, client: object, item: PendingItem, ...more: unknown[]) => unknown;
type Release = (this: Pool, client: object, listener: unknown, error?: unknown) => unknown;

const poolField = createHiddenField<PoolState>();
const madeAtField = createHiddenField<Captured>();
const itemField = createHiddenField<Checkout>();

/** Remembers where a pool is being made. */
export function notePoolMade(observer: Observer, pool: object): void {
  const captured = observer.stacks.capture(notePoolMade);
  if (captured !== null) madeAtField.set(pool, captured);
}

/**
 * @param watches says whether a pool is to be recorded.
 * @returns what undoes it.
 */
export function instrumentPool(prototype: object, observer: Observer, guard: Guard, watches: (pool: object) => boolean): () => void {
  /** The checkout whose `connect` is running. */
  let requesting: Checkout | null = null;
  /** The pool whose `query` is running, and so asks for a connection itself. */
  let querying: { pool: Pool; captured: Captured | null } | null = null;

  const stateOf = (pool: Pool): PoolState => {
    let state = poolField.get(pool);
    if (state === undefined) {
      state = observer.addPool({
        kind: 'pg-pool',
        version: '',
        max: pool.options?.max ?? 0,
        acquireTimeoutMs: pool.options?.connectionTimeoutMillis ?? 0,
        madeAt: madeAtField.get(pool) ?? null,
      });
      poolField.set(pool, state);
    }
    return state;
  };

  const begin = (pool: Pool, below: (...parameters: never[]) => unknown): Checkout => {
    const fromQuery = querying !== null && querying.pool === pool ? querying : null;
    querying = null;
    const captured = fromQuery === null ? observer.stacks.capture(below) : fromQuery.captured;
    return observer.requested(stateOf(pool), fromQuery === null ? 'connect' : 'query', captured);
  };

  const restores = [
    wrapMethod<Query>(prototype, 'query', (original) => function query(this: Pool, ...parameters: unknown[]): unknown {
      if (!watches(this)) return original.apply(this, parameters);
      const outer = querying;
      querying = { pool: this, captured: guard.run('pool.query', () => observer.stacks.capture(query)) ?? null };
      observer.operations.inDriver++;
      try {
        return original.apply(this, parameters);
      } finally {
        observer.operations.inDriver--;
        querying = outer;
      }
    }),

    wrapMethod<Connect>(prototype, 'connect', (original) => function connect(this: Pool, callback?: unknown): unknown {
      if (!watches(this) || this.ending === true) return callback === undefined ? original.call(this) : original.call(this, callback);
      const outer = requesting;
      const queued = this._pendingQueue?.length ?? 0;
      const checkout = guard.run('pool.connect', () => begin(this, connect)) ?? null;
      requesting = checkout;
      observer.operations.inDriver++;
      try {
        return callback === undefined ? original.call(this) : original.call(this, callback);
      } finally {
        observer.operations.inDriver--;
        requesting = outer;
        if (checkout !== null) guard.run('pool.connect', () => noteQueued(observer, this, checkout, queued));
      }
    }),

    // A request that finds no idle client is given to a new one, now or when it is its turn in the queue.
    wrapMethod<NewClient>(prototype, 'newClient', (original) => function newClient(this: Pool, item: PendingItem): unknown {
      if (!watches(this)) return original.call(this, item);
      const checkout = itemField.get(item) ?? requesting;
      if (checkout !== null) guard.run('pool.newClient', () => noteFailure(observer, item, checkout));
      return poolOfNewClients.run(guard.run('pool.newClient', () => stateOf(this)) ?? null, () => original.call(this, item));
    }),

    wrapMethod<Acquire>(prototype, '_acquireClient', (original) => function _acquireClient(this: Pool, client: object, item: PendingItem, ...more: unknown[]): unknown {
      const checkout = watches(this) ? (itemField.get(item) ?? null) : null;
      const connection = connectionOf(client);
      // Of pg-pool itself (a client past its lifetime is acquired to be closed), or of before we were there.
      if (checkout === null || connection === undefined || checkout.ended) return original.call(this, client, item, ...more);
      guard.run('pool.acquire', () => observer.acquired(checkout, connection));
      const body = (): unknown => original.call(this, client, item, ...more);
      return checkout.operation === null ? body() : observer.operations.runIn(checkout.operation, checkout, body);
    }),

    wrapMethod<Release>(prototype, '_release', (original) => function _release(this: Pool, client: object, listener: unknown, error?: unknown): unknown {
      const checkout = connectionOf(client)?.checkout ?? null;
      if (checkout !== null) guard.run('pool.release', () => observer.ended(checkout, error ? 'destroyed' : 'released'));
      return original.call(this, client, listener, error);
    }),
  ];
  return () => restores.forEach((restore) => restore());
}

/** Ties the request to the pending item that `connect` queued for it. */
function noteQueued(observer: Observer, pool: Pool, checkout: Checkout, queuedBefore: number): void {
  const queue = pool._pendingQueue;
  if (queue === undefined || queue.length <= queuedBefore) return;
  const item = queue[queue.length - 1]!;
  if (itemField.get(item) !== undefined) return;
  itemField.set(item, checkout);
  if ((pool.options?.connectionTimeoutMillis ?? 0) > 0) noteTimeout(observer, item, checkout);
}

/** The item is the pool's own and nobody else sees it. */
function noteTimeout(observer: Observer, item: PendingItem, checkout: Checkout): void {
  let timedOut: boolean | undefined = item.timedOut;
  Object.defineProperty(item, 'timedOut', {
    configurable: true,
    enumerable: true,
    get: () => timedOut,
    set(value: boolean) {
      timedOut = value;
      if (value && Number.isNaN(checkout.acquiredAt)) observer.ended(checkout, 'timeout');
    },
  });
}

/** A new client calls its item back: with an error when it could not connect. */
function noteFailure(observer: Observer, item: PendingItem, checkout: Checkout): void {
  itemField.set(item, checkout);
  const { callback } = item;
  item.callback = function (this: unknown, ...results: unknown[]): unknown {
    if (results[0] && Number.isNaN(checkout.acquiredAt)) observer.ended(checkout, 'failed', errorCode(results[0]));
    return callback.apply(this, results);
  };
}
