/**
 * tarn (https://github.com/Vincit/tarn.js), the pool of Knex and of what is made with Knex (Objection, MikroORM up to 6). It
 * is no event emitter and so is not discovered by itself; Knex's client is one, and makes the pool in `initializePool`.
 *
 * `acquire` returns a pending operation, whose `resolve` is called with the client when one was found good; `isRejected` is
 * set when it has failed or timed out.
 */
import type { Checkout } from '../observe/checkouts.js';
import { createHiddenField } from '../observe/hidden-field.js';
import type { Observer } from '../observe/observer.js';
import type { Captured, Sampled } from '../observe/stacks.js';
import { errorCode } from './error-code.js';
import { noteGrant, noteRefusal, noteRequest, noteReturn, otherPoolOf, watchOtherPool } from './other-pool.js';
import { newClients } from './pg-client.js';
import { watchFlag, wrapMethod, type Method } from './wrap.js';

interface TarnPool {
  acquire(): Pending;
  max?: number;
  acquireTimeoutMillis?: number;
}

interface Pending {
  isRejected?: boolean;
  possibleTimeoutCause?: unknown;
}

/** Knex's. `_acquireOnlyConnection` is of the dialects that speak to PostgreSQL by pg. */
interface KnexClient {
  pool?: TarnPool | null;
}

const CLIENT_METHODS = ['initializePool', 'acquireConnection', 'releaseConnection'];
const DIALECT_METHODS = ['_acquireOnlyConnection', 'acquireRawConnection'];
const TRANSACTION_METHODS = ['acquireConnection', '_evaluateContainer', '_onAcquire'];
const POOL_METHODS = ['acquire', 'release', '_tryAcquireOrCreate', '_doAcquire'];

const hasOwn = (methods: readonly string[]) => (prototype: object): boolean => methods.every((name) => Object.hasOwn(prototype, name));

export const isKnexPrototype = hasOwn(CLIENT_METHODS);
export const isKnexDialectPrototype = hasOwn(DIALECT_METHODS);
export const isKnexTransactionPrototype = hasOwn(TRANSACTION_METHODS);

const pendingField = createHiddenField<Checkout>();
const begunAtField = createHiddenField<Captured>();
const transactions: Sampled = { seen: 0 };
/** Where the transaction was begun that asks for its connection now. */
let begunAt: Captured | null = null;

/** Remembers where a transaction is begun: it asks for its connection in a job of its own. */
export function noteKnexTransactionMade({ stacks }: Observer, transaction: object): void {
  const captured = stacks.decide(transactions) ? stacks.capture() : null;
  if (captured !== null) begunAtField.set(transaction, captured);
}

/** @returns what undoes it. */
export function instrumentKnexTransaction(prototype: object): () => void {
  return wrapMethod(prototype, 'acquireConnection', (original) =>
    function acquireConnection(this: object): unknown {
      const outer = begunAt;
      begunAt = begunAtField.get(this) ?? null;
      try {
        return Reflect.apply(original, this, arguments);
      } finally {
        begunAt = outer;
      }
    });
}

/** @returns what undoes it. */
export function instrumentKnex(prototype: object, observer: Observer): () => void {
  const restores: (() => void)[] = [];
  const instrumented = new WeakSet<object>();

  const watch = (pool: TarnPool): void => {
    const own = prototypeOf(pool);
    if (own === null) return;
    watchOtherPool(observer, pool, { kind: 'tarn', max: pool.max ?? 0, acquireTimeoutMs: pool.acquireTimeoutMillis ?? 0 });
    if (instrumented.has(own)) return;
    instrumented.add(own);
    restores.push(instrumentTarn(own, observer));
  };

  const wrapInitialize = (original: Method): Method =>
    function initializePool(this: KnexClient): unknown {
      const result = Reflect.apply(original, this, arguments);
      try {
        if (DIALECT_METHODS.every((name) => name in this) && typeof this.pool === 'object' && this.pool !== null) watch(this.pool);
      } catch (error) {
        observer.problem('knex.pool', error);
      }
      return result;
    };
  restores.push(wrapMethod(prototype, 'initializePool', wrapInitialize));
  return () => restores.forEach((restore) => restore());
}

/** The dialect makes its pool's clients. @returns what undoes it. */
export function instrumentKnexDialect(prototype: object, observer: Observer): () => void {
  return wrapMethod(prototype, 'acquireRawConnection', (original) =>
    function acquireRawConnection(this: KnexClient): unknown {
      const outer = newClients.pool;
      try {
        newClients.pool = (this.pool ? otherPoolOf(observer, this.pool) : undefined) ?? outer;
      } catch (error) {
        observer.problem('knex.connect', error);
      }
      try {
        return Reflect.apply(original, this, arguments);
      } finally {
        newClients.pool = outer;
      }
    });
}

function instrumentTarn(prototype: object, observer: Observer): () => void {
  const { operations } = observer;
  const restores: (() => void)[] = [];
  let pendings: Pending | null = null;

  const tie = (pending: Pending, checkout: Checkout): void => {
    pendingField.set(pending, checkout);
    if (pendings !== null) return;
    // The first of its class; it has the flag already.
    pendings = Object.getPrototypeOf(pending) as Pending;
    if (pending.isRejected === false) Reflect.deleteProperty(pending, 'isRejected');
    restores.push(wrapMethod(pendings, 'resolve', wrapResolve), watchFlag(pendings, 'isRejected', false, giveUp));
  };

  // The pending operation is the pool's own and nobody else sees it.
  const giveUp = (pending: Pending): void => {
    const checkout = pendingField.get(pending);
    if (checkout !== undefined) noteRejection(observer, pending, checkout);
  };

  const wrapAcquire = (original: Method): Method =>
    function acquire(this: TarnPool): unknown {
      const pool = otherPoolOf(observer, this);
      const checkout = pool === undefined ? null : noteRequest(observer, pool, begunAt);
      if (checkout === null) return Reflect.apply(original, this, arguments);
      operations.inDriver++;
      let pending: unknown;
      try {
        pending = Reflect.apply(original, this, arguments);
      } finally {
        operations.inDriver--;
      }
      try {
        tie(pending as Pending, checkout);
      } catch (error) {
        observer.problem('tarn.acquire', error);
      }
      return pending;
    };

  const wrapResolve = (original: Method): Method =>
    function resolve(this: Pending, client: unknown): unknown {
      const checkout = pendingField.get(this);
      const operation = checkout === undefined ? null : noteGrant(observer, checkout, client);
      try {
        return Reflect.apply(original, this, arguments);
      } finally {
        if (operation !== null) operations.leave(operation);
      }
    };

  const wrapRelease = (original: Method): Method =>
    function release(this: TarnPool, client: unknown): unknown {
      if (otherPoolOf(observer, this) !== undefined) noteReturn(observer, client, 'released');
      return Reflect.apply(original, this, arguments);
    };

  restores.push(wrapMethod(prototype, 'acquire', wrapAcquire), wrapMethod(prototype, 'release', wrapRelease));
  return () => restores.forEach((restore) => restore());
}

/** The pool has set `isRejected`: it gives the request up. */
function noteRejection(observer: Observer, { possibleTimeoutCause: cause }: Pending, checkout: Checkout): void {
  // Knex goes on trying to connect for as long as the request may wait.
  if (cause === null || cause === undefined) noteRefusal(observer, checkout, 'timeout', '');
  else noteRefusal(observer, checkout, 'failed', errorCode(cause));
}

function prototypeOf(pool: object): object | null {
  const isIt = hasOwn(POOL_METHODS);
  for (let at = Object.getPrototypeOf(pool) as object | null; at !== null; at = Object.getPrototypeOf(at) as object | null) if (isIt(at)) return at;
  return null;
}
