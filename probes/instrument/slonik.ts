/**
 * Slonik's pool (https://github.com/gajus/slonik): closures around lists, and an emitter for each client, of which nothing can
 * be reached from outside. A client's error listener knows its emitter; a listener of that emitter knows the lists.
 *
 * A request is served by an idle client at once; or by a client that is made for it, in the same breath; or it waits in a list
 * of deferreds for a client that comes back.
 */
import type { EventEmitter } from 'node:events';
import type { Checkout, ConnectionState, PoolState } from '../observe/checkouts.js';
import { createHiddenField } from '../observe/hidden-field.js';
import type { Observer } from '../observe/observer.js';
import { errorCode } from './error-code.js';
import { closureOf } from './inside.js';
import { noteGrant, noteRefusal, noteRequest, noteReturn, otherPoolOf, watchOtherPool } from './other-pool.js';
import { connectionOf } from './pg-client.js';

type Settle = (value: unknown) => unknown;

/** In the pool's list of those who wait. */
interface Waiting {
  deferred: { resolve: Settle; reject: Settle };
}

const checkoutField = createHiddenField<Checkout>();

/** What is known of one pool. */
interface Known {
  readonly pool: PoolState;
  waiting: Waiting[] | null;
  /** The client that is being handed from one to the next. */
  handing: object | null;
  /** For whom the next new client is, when the pool replaces one that was lost: null, nobody; undefined, who asks now. */
  heir: Checkout | null | undefined;
}

/** Finds Slonik's pools by their clients. */
export class SlonikFinder {
  readonly #observer: Observer;
  readonly #known = new WeakMap<PoolState, Known>();

  constructor(observer: Observer) {
    this.#observer = observer;
  }

  /** The pool that a new client is for, if it is one of Slonik's. */
  find(client: object): PoolState | null {
    const [listener] = (client as EventEmitter).listeners('error');
    if (listener?.name !== 'onError') return null;
    const { clientEventEmitter: emitter } = closureOf(listener, ['clientEventEmitter']) as { clientEventEmitter?: EventEmitter };
    const [ownListener] = emitter?.listeners('error') ?? [];
    if (emitter === undefined || ownListener === undefined) return null;
    const { driverConfiguration } = closureOf(ownListener, ['driverConfiguration']) as { driverConfiguration?: { maximumPoolSize?: number } };
    if (driverConfiguration === undefined) return null;
    const known = this.#knownFor(driverConfiguration, driverConfiguration.maximumPoolSize ?? 0);
    this.#listen(known, client, emitter);
    return known.pool;
  }

  /** Such a client is made for whoever asks. */
  reserve(connection: ConnectionState): void {
    const known = connection.pool === null ? undefined : this.#known.get(connection.pool);
    if (known === undefined) return;
    connection.reserved = known.heir === undefined ? noteRequest(this.#observer, known.pool, connection.madeAt) : known.heir;
    known.heir = undefined;
  }

  #knownFor(configuration: object, max: number): Known {
    // Those who wait do so for ever.
    const pool = otherPoolOf(this.#observer, configuration) ?? watchOtherPool(this.#observer, configuration, { kind: 'slonik', max, acquireTimeoutMs: 0 });
    let known = this.#known.get(pool);
    if (known === undefined) this.#known.set(pool, (known = { pool, waiting: null, handing: null, heir: undefined }));
    return known;
  }

  #listen(known: Known, client: object, emitter: EventEmitter): void {
    const observer = this.#observer;
    let isFirst = true;
    emitter.on('acquire', () => {
      if (isFirst) this.#listenAfterPool(known, client, emitter);
      isFirst = false;
      // Its request is granted by the deferred that comes next.
      if (known.handing === client) return;
      const connection = connectionOf(client, observer);
      const checkout = connection?.reserved ?? noteRequest(observer, known.pool);
      if (connection !== undefined) connection.reserved = null;
      const operation = checkout === null ? null : noteGrant(observer, checkout, client);
      if (operation !== null) observer.operations.leave(operation);
    });
    emitter.on('release', () => {
      noteReturn(observer, client, 'released');
      if (known.waiting !== null && known.waiting.length > 0) known.handing = client;
    });
    emitter.on('destroy', () => {
      noteReturn(observer, client, 'destroyed');
      const [next] = known.waiting ?? [];
      known.heir = next === undefined ? null : checkoutField.get(next);
    });
  }

  /** The pool's own listeners are there: ours that are added now come after them. */
  #listenAfterPool(known: Known, client: object, emitter: EventEmitter): void {
    const onRelease = emitter.listeners('release').find(({ name }) => name === 'onRelease');
    if (known.waiting === null && onRelease !== undefined) {
      const { waitingClients } = closureOf(onRelease, ['waitingClients']);
      if (Array.isArray(waitingClients)) this.#watchWaiting(known, waitingClients as Waiting[]);
    }
    emitter.on('release', () => {
      if (known.handing === client) known.handing = null;
    });
    emitter.on('destroy', () => {
      known.heir = undefined;
    });
  }

  #watchWaiting(known: Known, waiting: Waiting[]): void {
    known.waiting = waiting;
    for (const item of waiting) this.#tie(known, item);
    const tie = (item: Waiting): void => this.#tie(known, item);
    const push = function (this: Waiting[], ...items: Waiting[]): number {
      items.forEach(tie);
      return Array.prototype.push.apply(this, items);
    };
    Object.defineProperty(waiting, 'push', { value: push, configurable: true, writable: true, enumerable: false });
  }

  #tie(known: Known, item: Waiting): void {
    const observer = this.#observer;
    const checkout = noteRequest(observer, known.pool);
    if (checkout === null) return;
    checkoutField.set(item, checkout);
    const { deferred } = item;
    const { resolve, reject } = deferred;
    deferred.resolve = (value) => {
      const operation = known.handing === null ? null : noteGrant(observer, checkout, known.handing);
      try {
        return resolve(value);
      } finally {
        if (operation !== null) observer.operations.leave(operation);
      }
    };
    deferred.reject = (error) => {
      const operation = noteRefusal(observer, checkout, 'failed', errorCode(error));
      try {
        return reject(error);
      } finally {
        if (operation !== null) observer.operations.leave(operation);
      }
    };
  }
}
