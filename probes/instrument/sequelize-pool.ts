/**
 * sequelize-pool (https://github.com/sequelize/sequelize-pool). Neither it nor anything of Sequelize's is an event emitter;
 * the first client that Sequelize makes leads to them: it is given a type parser that is bound to the connection manager, which
 * has the pool.
 *
 * `acquire` queues a deferred, whose `resolve` is called with the client, or `reject` with an error.
 */
import type { Checkout, PoolState } from '../observe/checkouts.js';
import { createHiddenField } from '../observe/hidden-field.js';
import type { Observer } from '../observe/observer.js';
import type { Operation } from '../observe/operation.js';
import { errorCode } from './error-code.js';
import { boundThis } from './inside.js';
import { noteGrant, noteRefusal, noteRequest, noteReturn, otherPoolOf, watchOtherPool } from './other-pool.js';
import { newClients } from './pg-client.js';
import { wrapMethod, type Method } from './wrap.js';

interface SequelizePool {
  maxSize?: number;
  acquireTimeoutMillis?: number;
  _pendingAcquires: object[];
}

/** With replication, `pool` stands for two. */
interface ConnectionManager {
  pool?: object & { read?: object; write?: object };
  config?: { replication?: { write?: object } };
}

/** What pg keeps of the type parsers that it was given. */
interface Client {
  _types?: { _types?: { getTypeParser?: unknown } };
}

const POOL_METHODS = ['acquire', 'release', 'destroy', '_dispense'];
const deferredField = createHiddenField<Checkout>();

/** Finds Sequelize's pools by their first client. */
export class SequelizeFinder {
  readonly #observer: Observer;
  readonly #instrumented = new WeakSet<object>();
  readonly #restores: (() => void)[] = [];

  constructor(observer: Observer) {
    this.#observer = observer;
  }

  /** The pool that a new client is for, if it is one of Sequelize's. */
  find(client: object): PoolState | null {
    const parser = (client as Client)._types?._types?.getTypeParser;
    if (typeof parser !== 'function' || parser.name !== 'bound getTypeParser') return null;
    const manager = boundThis(parser) as ConnectionManager | undefined;
    if (typeof manager !== 'object' || manager === null) return null;
    for (const pool of poolsOf(manager)) this.#watch(pool);
    this.#instrumentManager(manager);
    return this.#poolFor(manager, undefined);
  }

  stop(): void {
    for (const restore of this.#restores) restore();
  }

  #watch(pool: SequelizePool): void {
    watchOtherPool(this.#observer, pool, { kind: 'sequelize-pool', max: pool.maxSize ?? 0, acquireTimeoutMs: pool.acquireTimeoutMillis ?? 0 });
    const prototype = Object.getPrototypeOf(pool) as object;
    if (this.#isNew(prototype)) this.#restores.push(instrumentPool(prototype, this.#observer));
  }

  /** From then on it is known beforehand whose a client will be. */
  #instrumentManager(manager: ConnectionManager): void {
    const prototype = Object.getPrototypeOf(manager) as object;
    if (!Object.hasOwn(prototype, 'connect') || !this.#isNew(prototype)) return;
    const poolFor = (from: ConnectionManager, config: unknown): PoolState | null => this.#poolFor(from, config);
    const wrapConnect = (original: Method): Method =>
      function connect(this: ConnectionManager, config: unknown): unknown {
        const outer = newClients.pool;
        newClients.pool = poolFor(this, config) ?? outer;
        try {
          return Reflect.apply(original, this, arguments);
        } finally {
          newClients.pool = outer;
        }
      };
    this.#restores.push(wrapMethod(prototype, 'connect', wrapConnect));
  }

  #poolFor(manager: ConnectionManager, config: unknown): PoolState | null {
    try {
      const pools = poolsOf(manager);
      for (const pool of pools) this.#watch(pool);
      const [first, second] = pools;
      const pool = second !== undefined && config !== undefined && config !== manager.config?.replication?.write ? second : first;
      return pool === undefined ? null : (otherPoolOf(this.#observer, pool) ?? null);
    } catch (error) {
      this.#observer.problem('sequelize.connect', error);
      return null;
    }
  }

  #isNew(prototype: object): boolean {
    const isNew = !this.#instrumented.has(prototype);
    this.#instrumented.add(prototype);
    return isNew;
  }
}

/** The one that is written to first. */
function poolsOf({ pool }: ConnectionManager): SequelizePool[] {
  if (pool === undefined) return [];
  return [pool, pool.write, pool.read].filter((one): one is SequelizePool => {
    const prototype = typeof one === 'object' && one !== null ? (Object.getPrototypeOf(one) as object | null) : null;
    return prototype !== null && POOL_METHODS.every((name) => Object.hasOwn(prototype, name)) && Array.isArray((one as SequelizePool)._pendingAcquires);
  });
}

function instrumentPool(prototype: object, observer: Observer): () => void {
  const { operations } = observer;
  const restores: (() => void)[] = [];
  let deferreds: object | null = null;
  /** The request whose `acquire` is running, until its deferred is known. */
  let requesting: Checkout | null = null;

  const leave = (operation: Operation | null): void => {
    if (operation !== null) operations.leave(operation);
  };

  const wrapAcquire = (original: Method): Method =>
    function acquire(this: SequelizePool): unknown {
      const pool = otherPoolOf(observer, this);
      const checkout = pool === undefined ? null : noteRequest(observer, pool);
      if (checkout === null) return Reflect.apply(original, this, arguments);
      const outer = requesting;
      requesting = checkout;
      operations.inDriver++;
      try {
        return Reflect.apply(original, this, arguments);
      } finally {
        operations.inDriver--;
        // The pool is closing, and has queued nothing.
        if (requesting === checkout) leave(noteRefusal(observer, checkout, 'failed', 'Error'));
        requesting = outer;
      }
    };

  // Called right after `acquire` has queued, and perhaps serves what it has.
  const wrapDispense = (original: Method): Method =>
    function _dispense(this: SequelizePool): unknown {
      const deferred = requesting === null ? undefined : this._pendingAcquires.at(-1);
      if (requesting !== null && deferred !== undefined && otherPoolOf(observer, this) === requesting.pool) {
        deferredField.set(deferred, requesting);
        requesting = null;
        instrumentDeferred(deferred);
      }
      return Reflect.apply(original, this, arguments);
    };

  const instrumentDeferred = (deferred: object): void => {
    if (deferreds !== null) return;
    deferreds = Object.getPrototypeOf(deferred) as object;
    restores.push(wrapMethod(deferreds, 'resolve', wrapResolve), wrapMethod(deferreds, 'reject', wrapReject));
  };

  const wrapResolve = (original: Method): Method =>
    function resolve(this: object, client: unknown): unknown {
      const checkout = deferredField.get(this);
      const operation = checkout === undefined ? null : noteGrant(observer, checkout, client);
      try {
        return Reflect.apply(original, this, arguments);
      } finally {
        leave(operation);
      }
    };

  const wrapReject = (original: Method): Method =>
    function reject(this: object, error: unknown): unknown {
      const checkout = deferredField.get(this);
      const isTimeout = error instanceof Error && error.message === 'Operation timeout';
      const operation = checkout === undefined ? null : noteRefusal(observer, checkout, isTimeout ? 'timeout' : 'failed', isTimeout ? '' : errorCode(error));
      try {
        return Reflect.apply(original, this, arguments);
      } finally {
        leave(operation);
      }
    };

  const wrapReturn = (outcome: 'released' | 'destroyed') => (original: Method): Method =>
    function (this: SequelizePool, client: unknown): unknown {
      if (otherPoolOf(observer, this) !== undefined) noteReturn(observer, client, outcome);
      return Reflect.apply(original, this, arguments);
    };

  restores.push(
    wrapMethod(prototype, 'acquire', wrapAcquire),
    wrapMethod(prototype, '_dispense', wrapDispense),
    wrapMethod(prototype, 'release', wrapReturn('released')),
    wrapMethod(prototype, 'destroy', wrapReturn('destroyed')),
  );
  return () => restores.forEach((restore) => restore());
}
