/**
 * pg's Client (https://github.com/brianc/node-postgres/tree/master/packages/pg): statements given to it and answers of the
 * server. Transaction status is the server's word (ReadyForQuery), never guessed from SQL.
 */
import type { Checkout, ConnectionState, PoolState } from '../observe/checkouts.js';
import { createHiddenField } from '../observe/hidden-field.js';
import type { Observer } from '../observe/observer.js';
import { errorCode, type Guard } from './guard.js';
import { wrapMethod } from './wrap.js';

interface Client {
  _connecting?: boolean;
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
}

type Connect = (this: Client, callback?: unknown) => unknown;
type Query = (this: Client, ...parameters: unknown[]) => unknown;
type Handler = (this: Client, message?: { status?: string; code?: string }) => unknown;
type ErrorHandler = (this: Client, error: unknown) => unknown;
type Execute = (this: object, ...parameters: unknown[]) => unknown;

const field = createHiddenField<ConnectionState>();
/** On pg's Connection, which cursors talk to without their client. */
const wireField = createHiddenField<ConnectionState>();

export function connectionOf(client: object): ConnectionState | undefined {
  return field.get(client);
}

/** The pool that is making a client right now. */
export const poolOfNewClients = {
  pool: null as PoolState | null,
  run<Result>(pool: PoolState | null, body: () => Result): Result {
    const outer = this.pool;
    this.pool = pool;
    try {
      return body();
    } finally {
      this.pool = outer;
    }
  },
};

/**
 * @param watches says whether clients outside of a watched pool are to be recorded.
 * @returns what undoes it.
 */
export function instrumentClient(prototype: object, observer: Observer, guard: Guard, watchesLoneClients: () => boolean): () => void {
  const { operations } = observer;
  const restores: (() => void)[] = [];
  const wires = new WeakSet<object>();

  const begin = (client: Client): void => {
    const pool = poolOfNewClients.pool;
    if (field.get(client) !== undefined || (pool === null && !watchesLoneClients())) return;
    const connection = observer.addConnection(pool, client.connection ?? null);
    field.set(client, connection);
    if (client.connection === undefined) return;
    wireField.set(client.connection, connection);
    const wire = prototypeWith(client.connection, 'execute');
    if (wire === null || wires.has(wire)) return;
    wires.add(wire);
    restores.push(instrumentWire(wire, observer, guard));
  };

  restores.push(
    wrapMethod<Connect>(prototype, 'connect', (original) => function connect(this: Client, callback?: unknown): unknown {
      guard.run('client.connect', () => begin(this));
      return callback === undefined ? original.call(this) : original.call(this, callback);
    }),

    wrapMethod<Query>(prototype, 'query', (original) => function query(this: Client, ...parameters: unknown[]): unknown {
      const connection = field.get(this);
      if (connection === undefined || connection.closed || parameters[0] === null || parameters[0] === undefined) return original.apply(this, parameters);
      const lastBefore = lastQuery(this);
      const submitted = guard.run('client.query', () => {
        // A statement that failed before it was sent is never answered.
        if (lastBefore === null && this.readyForQuery === true) observer.abandoned(connection);
        const captured = connection.checkout?.via === 'query' ? null : observer.stacks.capture(query);
        return observer.submitted(connection, parameters[0], captured);
      });
      operations.inDriver++;
      try {
        return original.apply(this, parameters);
      } finally {
        operations.inDriver--;
        if (submitted !== undefined) submitted.query = lastQuery(this);
      }
    }),

    wrapMethod<Handler>(prototype, '_handleReadyForQuery', (original) => function _handleReadyForQuery(this: Client, message?: { status?: string }): unknown {
      const connection = field.get(this);
      if (connection === undefined) return original.call(this, message);
      if (this._connecting === true) {
        guard.run('client.ready', () => observer.connected(connection, this.processID ?? null));
        return runAsResult(observer, connection.checkout, connection.checkout?.operation ?? null, () => original.call(this, message));
      }
      const first = connection.statements[0];
      const { checkout } = connection;
      guard.run('client.ready', () => observer.answered(connection, message?.status ?? null, activeQuery(this)));
      return runAsResult(observer, checkout, first?.operation ?? null, () => original.call(this, message));
    }),

    wrapMethod<Handler>(prototype, '_handleErrorMessage', (original) => function _handleErrorMessage(this: Client, message?: { code?: string }): unknown {
      const connection = field.get(this);
      const first = connection?.statements[0];
      if (connection === undefined) return original.call(this, message);
      if (first !== undefined && this._connecting !== true) first.error = errorCode(message);
      return runAsResult(observer, connection.checkout, first?.operation ?? null, () => original.call(this, message));
    }),

    wrapMethod<Handler>(prototype, '_handlePortalSuspended', (original) => function _handlePortalSuspended(this: Client, message?: object): unknown {
      const connection = field.get(this);
      if (connection === undefined) return original.call(this, message);
      const first = connection.statements[0];
      guard.run('client.suspended', () => observer.suspended(connection));
      return runAsResult(observer, connection.checkout, first?.operation ?? null, () => original.call(this, message));
    }),

    wrapMethod<ErrorHandler>(prototype, '_handleErrorWhileConnecting', (original) => function _handleErrorWhileConnecting(this: Client, error: unknown): unknown {
      const connection = field.get(this);
      if (connection !== undefined && !connection.closed) guard.run('client.failed', () => observer.connectionFailed(connection, errorCode(error)));
      return original.call(this, error);
    }),

    // Called when the socket has ended or failed, with what its statements get.
    wrapMethod<ErrorHandler>(prototype, '_errorAllQueries', (original) => function _errorAllQueries(this: Client, error: unknown): unknown {
      const connection = field.get(this);
      if (connection !== undefined) {
        const ending = (this as { _ending?: boolean })._ending === true;
        guard.run('client.closed', () => observer.closed(connection, ending ? '' : errorCode(error)));
      }
      return original.call(this, error);
    }),
  );
  return () => restores.forEach((restore) => restore());
}

/** A cursor asks for rows by `execute` and is closed by `sync`: from then on its statement runs again. */
function instrumentWire(prototype: object, observer: Observer, guard: Guard): () => void {
  const restores = ['execute', 'sync'].map((name) =>
    wrapMethod<Execute>(prototype, name, (original) => function (this: object, ...parameters: unknown[]): unknown {
      const connection = wireField.get(this);
      if (connection !== undefined) guard.run('connection.execute', () => observer.resumed(connection));
      return original.apply(this, parameters);
    }),
  );
  return () => restores.forEach((restore) => restore());
}

/** What the driver does with an answer is the continuation of the statement. */
function runAsResult<Result>(observer: Observer, checkout: Checkout | null, operation: Checkout['operation'], body: () => Result): Result {
  return operation === null ? body() : observer.operations.runIn(operation, checkout, body);
}

function activeQuery(client: Client): object | null {
  return ('_activeQuery' in client ? client._activeQuery : client.activeQuery) ?? null;
}

/** The statement that the client got last, if it is not yet answered. */
function lastQuery(client: Client): object | null {
  const queue = '_queryQueue' in client ? client._queryQueue : client.queryQueue;
  return queue?.at(-1) ?? client._sentQueryQueue?.at(-1) ?? activeQuery(client);
}

function prototypeWith(object: object, method: string): object | null {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at) as object | null) if (Object.hasOwn(at, method)) return at;
  return null;
}
