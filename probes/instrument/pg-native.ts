/**
 * pg's Client over libpq (`pg.native`, `NODE_PG_FORCE_NATIVE`, TypeORM where pg-native is installed). It shares nothing with
 * the other one but its name: there are no messages to see, only queries that are called back. Their clients' pools are
 * pg-pool, or whoever's.
 */
import type { ConnectionState, SubmittedStatement } from '../observe/checkouts.js';
import type { Observer } from '../observe/observer.js';
import type { Operation } from '../observe/operation.js';
import { errorCode } from './error-code.js';
import { connectionOf, newClients, noteConnecting, type ClientFinder } from './pg-client.js';
import { wrapMethod, type Method } from './wrap.js';

interface NativeClient {
  _ending?: boolean;
  _activeQuery?: NativeQuery | null;
  _queryQueue?: NativeQuery[];
  pipeline?: boolean;
  native?: { pq?: { transactionStatus?: () => unknown } };
}

interface NativeQuery {
  state?: string;
  callback?: Callback;
  prependOnceListener?: (event: string, listener: (result: unknown) => void) => unknown;
}

type Callback = (this: unknown, ...results: unknown[]) => unknown;

const OWN_METHODS = ['_hasActiveQuery', '_pulseQueryQueue', '_connect', 'query'];

export function isNativeClientPrototype(prototype: object): boolean {
  return OWN_METHODS.every((name) => Object.hasOwn(prototype, name));
}

/** As instrumentClient of pg-client. */
export function instrumentNativeClient(prototype: object, observer: Observer, watchesLoneClients: () => boolean, finders: readonly ClientFinder[]): () => void {
  const { operations } = observer;

  const wrapConnect = (original: Method): Method =>
    function _connect(this: NativeClient, callback: Callback): unknown {
      let connection: ConnectionState | null = null;
      try {
        if (newClients.pool !== null || watchesLoneClients()) connection = noteConnecting(this, observer, finders);
      } catch (error) {
        observer.problem('native.connect', error);
      }
      if (connection === null) return Reflect.apply(original, this, arguments);
      const made = connection;
      const isPipelined = this.pipeline === true;
      return Reflect.apply(original, this, [
        function (this: unknown, ...results: unknown[]): unknown {
          const operation = noteConnected(made, results[0], isPipelined);
          try {
            return Reflect.apply(callback, this, results);
          } finally {
            if (operation !== null) operations.leave(operation);
          }
        },
      ]);
    };

  const noteConnected = (connection: ConnectionState, error: unknown, isPipelined: boolean): Operation | null => {
    try {
      if (connection.closed) return null;
      if (error) observer.connectionFailed(connection, errorCode(error));
      else observer.connected(connection, null, isPipelined);
      const { checkout } = connection;
      if (checkout === null || checkout.operation === null) return null;
      operations.enter(checkout.operation, checkout);
      return checkout.operation;
    } catch (failure) {
      observer.problem('native.connected', failure);
      return null;
    }
  };

  const wrapQuery = (original: Method): Method =>
    function query(this: NativeClient, config: unknown): unknown {
      const connection = connectionOf(this, observer);
      if (connection === undefined || connection.closed || config === null || config === undefined) return Reflect.apply(original, this, arguments);
      let submitted: SubmittedStatement | null = null;
      try {
        submitted = observer.submitted(connection, config);
      } catch (error) {
        observer.problem('native.query', error);
      }
      operations.inDriver++;
      try {
        return Reflect.apply(original, this, arguments);
      } finally {
        operations.inDriver--;
        if (submitted !== null) follow(this, connection, submitted);
      }
    };

  const follow = (client: NativeClient, connection: ConnectionState, submitted: SubmittedStatement): void => {
    const query = client._queryQueue?.at(-1) ?? client._activeQuery;
    // It failed before it was sent, or was not taken.
    if (!query || query.state === 'error' || query.state === 'end') return observer.abandoned(connection);
    submitted.query = query;
    const { callback } = query;
    if (typeof callback !== 'function') {
      query.prependOnceListener?.('end', () => {
        const operation = noteAnswer(client, connection, query, null);
        if (operation !== null) operations.leave(operation);
      });
      return;
    }
    query.callback = function (this: unknown, ...results: unknown[]): unknown {
      const operation = noteAnswer(client, connection, query, results[0]);
      try {
        return Reflect.apply(callback, this, results);
      } finally {
        if (operation !== null) operations.leave(operation);
      }
    };
  };

  const noteAnswer = (client: NativeClient, connection: ConnectionState, query: object, error: unknown): Operation | null => {
    try {
      const first = connection.statements.find((statement) => statement.query === query);
      if (first === undefined) return null;
      if (error) first.error = errorCode(error);
      observer.answered(connection, statusOf(client), query);
      if (first.operation === null) return null;
      operations.enter(first.operation, first.checkout);
      return first.operation;
    } catch (failure) {
      observer.problem('native.answer', failure);
      return null;
    }
  };

  const wrapErrorAll = (original: Method): Method =>
    function _errorAllQueries(this: NativeClient, error: unknown): unknown {
      try {
        const connection = connectionOf(this, observer);
        if (connection !== undefined) observer.closed(connection, this._ending === true ? '' : errorCode(error));
      } catch (failure) {
        observer.problem('native.closed', failure);
      }
      return Reflect.apply(original, this, arguments);
    };

  const restores = [
    wrapMethod(prototype, '_connect', wrapConnect),
    wrapMethod(prototype, 'query', wrapQuery),
    wrapMethod(prototype, '_errorAllQueries', wrapErrorAll),
  ];
  return () => restores.forEach((restore) => restore());
}

/** libpq's numbers of PQTRANS_IDLE, PQTRANS_INTRANS and PQTRANS_INERROR. */
const STATUSES: Readonly<Record<number, string>> = { 0: 'I', 2: 'T', 3: 'E' };

/** The server's word, as libpq has it; null where it has none. */
function statusOf({ native }: NativeClient): string | null {
  const number = native?.pq?.transactionStatus?.();
  return typeof number === 'number' ? (STATUSES[number] ?? null) : null;
}
