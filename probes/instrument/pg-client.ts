/**
 * pg's Client (https://github.com/brianc/node-postgres/tree/master/packages/pg): statements given to it and answers of the
 * server. Transaction status is the server's word (ReadyForQuery), never guessed from SQL.
 *
 * These methods run for every statement of the program: no closures, no copies of arguments.
 */
import type { EventEmitter } from 'node:events';
import type { ConnectionState, PoolState, SubmittedStatement } from '../observe/checkouts.js';
import { createHiddenField } from '../observe/hidden-field.js';
import { clientField } from '../observe/hot-fields.js';
import type { Observer } from '../observe/observer.js';
import type { Operation } from '../observe/operation.js';
import type { Captured } from '../observe/stacks.js';
import { errorCode } from './error-code.js';
import { wrapMethod, type Method } from './wrap.js';

interface Client {
  _connecting?: boolean;
  _ending?: boolean;
  /** Since 8.16 the plain names warn that they are deprecated. */
  _activeQuery?: object | null;
  activeQuery?: object | null;
  _queryQueue?: object[];
  queryQueue?: object[];
  /** Sent in pipeline mode, behind the active one. */
  _sentQueryQueue?: object[];
  readyForQuery?: boolean;
  processID?: number | null;
  connection?: object;
  /** Statements are sent without waiting for the answers to those before. */
  pipeline?: boolean;
}

interface Message {
  status?: string;
  code?: string;
  /** In the server's language. */
  severity?: string;
}

/** Errors behind which the server closes the connection: shutdowns, crashes, timeouts of idle sessions and transactions. */
const ENDS_CONNECTION = /^(?:57P0[1-5]|25P0[34])$/;

/** On pg's Connection, which cursors talk to without their client. */
const wireField = createHiddenField<ConnectionState>();

/** What is known of a client; nothing where only an earlier recording of this process knew it. */
export function connectionOf(client: object, observer: Observer): ConnectionState | undefined {
  const connection = clientField.get(client);
  return connection?.observer === observer ? connection : undefined;
}

/** The pool that is making a client right now. */
export const newClients: { pool: PoolState | null } = { pool: null };

/** Who can tell whose a client is of which nobody said so. */
export interface ClientFinder {
  /** The pool that a client is made for; null: none that this finder knows of. */
  find(client: object): PoolState | null;
  /** It is being opened. */
  reserve?(connection: ConnectionState): void;
}

const madeAtField = createHiddenField<Captured>();

/** Remembers where a client is being made: it is told to connect at another time. */
export function noteClientMade(observer: Observer, client: object): void {
  const captured = observer.stacks.capture();
  if (captured === null) return;
  madeAtField.set(client, captured);
  observer.stacks.learnBundle(captured);
}

/** A client begins to connect; null when it is known already. */
export function noteConnecting(client: object, observer: Observer, finders: readonly ClientFinder[]): ConnectionState | null {
  if (connectionOf(client, observer) !== undefined) return null;
  const wire = (client as Client).connection ?? null;
  const pool = newClients.pool ?? findPool(client, observer, finders);
  const connection = observer.addConnection(pool, wire, madeAtField.get(client) ?? null);
  clientField.set(client, connection);
  for (const finder of finders) finder.reserve?.(connection);
  return connection;
}

function findPool(client: object, observer: Observer, finders: readonly ClientFinder[]): PoolState | null {
  for (const finder of finders) {
    try {
      const pool = finder.find(client);
      if (pool !== null) return pool;
    } catch (error) {
      observer.problem('client.pool', error);
    }
  }
  return null;
}

/** A client of a pool that was connected before anybody watched. */
export function noteConnected(client: object, pool: PoolState): ConnectionState {
  const { observer } = pool;
  const { connection: wire = null, processID = null, pipeline } = client as Client;
  const connection = observer.addConnection(pool, wire, null);
  clientField.set(client, connection);
  tieWire(client, connection);
  if (wire !== null) rebind(client, wire as EventEmitter);
  observer.connected(connection, processID, pipeline === true);
  return connection;
}

const HANDLERS = { readyForQuery: '_handleReadyForQuery', errorMessage: '_handleErrorMessage', portalSuspended: '_handlePortalSuspended' } as const;

/** It gave the server's messages to its methods as they were when it connected: from now on, as they are. */
function rebind(client: object, wire: EventEmitter): void {
  for (const [event, name] of Object.entries(HANDLERS)) {
    const listeners = wire.rawListeners(event) as Method[];
    const [bound] = listeners;
    if (listeners.length !== 1 || bound === undefined || bound.name !== `bound ${name}`) continue;
    wire.removeListener(event, bound as () => void);
    wire.on(event, (message: unknown) => (client as Record<string, Method>)[name]?.(message));
  }
}

/** Prototypes of pg's Connection that are instrumented, and what undoes it. */
const wires = new WeakMap<Observer, Map<object, () => void>>();

function tieWire({ connection: wire }: Client, connection: ConnectionState): void {
  const { observer } = connection;
  const prototype = wire === undefined ? null : prototypeWith(wire, 'execute');
  if (wire === undefined || prototype === null) return;
  wireField.set(wire, connection);
  let known = wires.get(observer);
  if (known === undefined) wires.set(observer, (known = new Map<object, () => void>()));
  if (!known.has(prototype)) known.set(prototype, instrumentWire(prototype, observer));
}

function restoreWires(observer: Observer): void {
  for (const restore of wires.get(observer)?.values() ?? []) restore();
  wires.delete(observer);
}

/**
 * @param watchesLoneClients says whether clients outside of a watched pool are to be recorded.
 * @param finders asked for the pools of those.
 * @returns what undoes it.
 */
export function instrumentClient(prototype: object, observer: Observer, watchesLoneClients: () => boolean, finders: readonly ClientFinder[]): () => void {
  const { operations } = observer;
  const restores: (() => void)[] = [() => restoreWires(observer)];

  const begin = (client: Client): void => {
    if (newClients.pool === null && !watchesLoneClients()) return;
    const connection = noteConnecting(client, observer, finders);
    if (connection !== null) tieWire(client, connection);
  };

  const wrapConnect = (original: Method): Method =>
    function connect(this: Client): unknown {
      try {
        begin(this);
      } catch (error) {
        observer.problem('client.connect', error);
      }
      return Reflect.apply(original, this, arguments);
    };

  const wrapQuery = (original: Method): Method =>
    function query(this: Client, config: unknown): unknown {
      const connection = connectionOf(this, observer);
      if (connection === undefined || connection.closed || config === null || config === undefined) return Reflect.apply(original, this, arguments);
      let submitted: SubmittedStatement | null = null;
      try {
        // A statement that failed before it was sent is never answered.
        if (connection.statements.length > 0 && this.readyForQuery === true && lastQuery(this) === null) observer.abandoned(connection);
        submitted = observer.submitted(connection, config);
      } catch (error) {
        observer.problem('client.query', error);
      }
      operations.inDriver++;
      try {
        return Reflect.apply(original, this, arguments);
      } finally {
        operations.inDriver--;
        if (submitted !== null) submitted.query = lastQuery(this);
      }
    };

  /** Wraps a handler of the server's messages: what it leads to is the continuation of the statement that is first in line. */
  const wrapHandler =
    (where: string, note: (client: Client, connection: ConnectionState, message: Message | undefined) => void) =>
    (original: Method): Method =>
      function (this: Client, message?: Message): unknown {
        const connection = connectionOf(this, observer);
        if (connection === undefined) return Reflect.apply(original, this, arguments);
        let { checkout } = connection;
        let operation: Operation | null = connection.statements[0]?.operation ?? null;
        try {
          note(this, connection, message);
          // A client without a pool is held from the moment that it is connected.
          checkout ??= connection.checkout;
          operation ??= this._connecting === true ? (checkout?.operation ?? null) : null;
          if (operation !== null) operations.enter(operation, checkout);
        } catch (error) {
          observer.problem(where, error);
        }
        try {
          return Reflect.apply(original, this, arguments);
        } finally {
          if (operation !== null) operations.leave(operation);
        }
      };

  restores.push(
    wrapMethod(prototype, 'connect', wrapConnect),
    wrapMethod(prototype, 'query', wrapQuery),
    wrapMethod(
      prototype,
      '_handleReadyForQuery',
      wrapHandler('client.ready', (client, connection, message) => {
        if (client._connecting === true) observer.connected(connection, client.processID ?? null, client.pipeline === true);
        else observer.answered(connection, message?.status ?? null, activeQuery(client));
      }),
    ),
    wrapMethod(
      prototype,
      '_handleErrorMessage',
      wrapHandler('client.error', (client, connection, message) => {
        if (client._connecting === true) return;
        const code = errorCode(message);
        const first = connection.statements[0];
        if (first !== undefined) first.error = code;
        if (message?.severity === 'FATAL' || ENDS_CONNECTION.test(code)) connection.farewell = code;
      }),
    ),
    wrapMethod(
      prototype,
      '_handlePortalSuspended',
      wrapHandler('client.suspended', (_client, connection) => observer.suspended(connection)),
    ),
    wrapMethod(
      prototype,
      '_handleErrorWhileConnecting',
      wrapHandler('client.failed', (_client, connection, error) => {
        if (!connection.closed) observer.connectionFailed(connection, errorCode(error));
      }),
    ),
    // Called when the socket has ended or failed, with what its statements get.
    wrapMethod(
      prototype,
      '_errorAllQueries',
      wrapHandler('client.closed', (client, connection, error) => observer.closed(connection, client._ending === true ? '' : errorCode(error))),
    ),
  );
  return () => restores.forEach((restore) => restore());
}

/** A cursor asks for rows by `execute` and is closed by `sync`: from then on its statement runs again. */
function instrumentWire(prototype: object, observer: Observer): () => void {
  const wrap = (original: Method): Method =>
    function (this: object): unknown {
      const connection = wireField.get(this);
      if (connection?.observer !== observer) return Reflect.apply(original, this, arguments);
      if (connection.statements[0]?.suspended === true) {
        try {
          observer.resumed(connection);
        } catch (error) {
          observer.problem('connection.execute', error);
        }
      }
      return Reflect.apply(original, this, arguments);
    };
  const restores = ['execute', 'sync'].map((name) => wrapMethod(prototype, name, wrap));
  return () => restores.forEach((restore) => restore());
}

function activeQuery(client: Client): object | null {
  // The commonest first: to ask whether it has the name takes as long as all the rest.
  return client._activeQuery ?? ('_activeQuery' in client ? null : client.activeQuery) ?? null;
}

/** The statement that the client got last, if it is not yet answered. */
function lastQuery(client: Client): object | null {
  const queue = client._queryQueue ?? client.queryQueue;
  return queue?.at(-1) ?? client._sentQueryQueue?.at(-1) ?? activeQuery(client);
}

function prototypeWith(object: object, method: string): object | null {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at) as object | null) if (Object.hasOwn(at, method)) return at;
  return null;
}
