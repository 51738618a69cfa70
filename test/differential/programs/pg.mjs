/** What a program can see of pg's classes, of pools, clients and results, of order and contexts. */
import { AsyncLocalStorage, executionAsyncId } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { flags, listeners, properties, say, throwsAtNobody } from './say.mjs';

const require = createRequire(import.meta.url);
const connectionString = process.env.DATABASE_URL;

const failure = (error) => ({ name: error.name, message: error.message, code: error.code, keys: properties(error), isError: error instanceof Error });


// ── classes ──────────────────────────────────────────────────────────────────────────────────────
const Connection = require('pg/lib/connection');
for (const [name, prototype] of Object.entries({ Pool: pg.Pool.prototype, PgPool: Object.getPrototypeOf(pg.Pool.prototype), Client: pg.Client.prototype, Connection: Connection.prototype, Query: pg.Query.prototype, EventEmitter: EventEmitter.prototype })) {
  say(`${name} properties`, properties(prototype));
  for (const key of Reflect.ownKeys(prototype)) say(`${name}.${String(key)}`, flags(prototype, key));
}
say('EventEmitter statics', properties(EventEmitter));
say('EventEmitter.init', flags(EventEmitter, 'init'));
say('globals', properties(globalThis));
say('Error properties', properties(Error));
say('Promise properties', `${properties(Promise)} ${properties(Promise.prototype)}`);
for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch']) say(name, flags(globalThis, name));

// ── a pool, its clients, their events ────────────────────────────────────────────────────────────
const events = [];
const pool = new pg.Pool({ connectionString, max: 2, log: (...words) => events.push(`log ${words[0]}`) });
for (const name of ['connect', 'acquire', 'release', 'remove', 'error']) pool.on(name, (...values) => events.push(`${name} ${values.length}`));
say('new pool', properties(pool));
say('new pool listeners', listeners(pool));
say('inspected new pool', pool);

const pending = pool.query('select 1 as one');
say('pending query', inspect(pending).replace(/,?\s*\[Symbol.*\]: \S+\s*/g, ' ').replace(/\s+/g, ' '));
say('pending query is a promise of', [pending.constructor === Promise, Object.getPrototypeOf(pending) === Promise.prototype]);
const result = await pending;
say('result', result);
say('result properties', properties(result));
say('events of a query', events.splice(0));
say('counts', [pool.totalCount, pool.idleCount, pool.waitingCount]);

const client = await pool.connect();
say('client properties', properties(client));
say('client listeners', listeners(client));
say('connection listeners', listeners(client.connection));
say('connection properties', properties(client.connection));
say('stream listeners', listeners(client.connection.stream));
say('release', [flags(client, 'release'), properties(Object.getOwnPropertyDescriptor(client, 'release').value)]);
say('inspected client', inspect(client, { depth: 1 }));
const query = client.query('select 2 as two');
say('pending statement', [query instanceof Promise, properties(query).replace(/Symbol\(\S+_symbol\)/g, '').trim()]);
await query;
say('symbols of a result', properties(query));
const returned = client.query('select 3', () => {});
say('with a callback', returned);
const made = new pg.Query('select 4 as four');
const events4 = [];
for (const name of ['row', 'end', 'error']) made.on(name, () => events4.push(name));
say('a query object is given back', client.query(made) === made);
await once(made, 'end');
say('its events', events4);
const cursor = client.query(new Cursor('select generate_series(1, 3) as n'));
say('cursor', [await cursor.read(2), await cursor.read(2), await cursor.close()]);
say('cursor properties', properties(cursor));
say('notices', await new Promise((resolve) => {
  client.once('notice', ({ message }) => resolve(message));
  void client.query("do $$ begin raise notice 'told'; end $$");
}));
client.release();
try {
  client.release();
} catch (error) {
  say('released twice', failure(error));
}
say('events of a checkout', events.splice(0));

// ── errors ───────────────────────────────────────────────────────────────────────────────────────
const callerOf = (error) => error.stack.split('\n').filter((line) => line.includes('pg.mjs')).length;
for (const [name, run] of Object.entries({
  syntax: () => pool.query('selekt'),
  division: () => pool.query('select 1/0'),
  'client division': async () => {
    const held = await pool.connect();
    try {
      await held.query('select $1::int', ['x']);
    } finally {
      held.release();
    }
  },
  'no query': () => throwsAtNobody || pool.query(),
  'query is null': () => throwsAtNobody || pool.query(null),
  'function as text': () => pool.query(() => {}),
  'bad values': () => pool.query('select 1', 5),
})) {
  try {
    say(name, await run());
  } catch (error) {
    say(name, failure(error));
    say(`${name}, own frames`, callerOf(error));
  }
}
if (!throwsAtNobody) say('thrown in a callback', await new Promise((resolve) => {
  process.once('uncaughtException', (error) => {
    say('stack of what is thrown in a callback', error.stack);
    resolve(failure(error));
  });
  pool.query('select 1', () => {
    throw new Error('in a callback');
  });
}));
say('unhandled', await new Promise((resolve) => {
  process.once('unhandledRejection', (error, promise) => resolve([failure(error), promise instanceof Promise]));
  void pool.query('select 1/0');
}));
say('uncaught in await', await pool.query('select 5 as five').then(({ rows }) => rows));

// ── stack traces of the program's own making ─────────────────────────────────────────────────────
say('stackTraceLimit', [Error.stackTraceLimit, properties(Error)]);
Error.stackTraceLimit = 2;
let prepared = 0;
Error.prepareStackTrace = (error, sites) => {
  prepared++;
  return `prepared ${error.message} ${sites.length}`;
};
const prepare = () => Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace').value;
const ours = prepare();
const tx = await pool.connect();
await tx.query('BEGIN');
await new Promise((resolve) => setTimeout(resolve, 5));
await tx.query('COMMIT');
tx.release();
say('own stack', new Error('ours').stack);
say('own stack of the database', await pool.query('selekt').catch((error) => error.stack));
say('prepared', [prepared, Error.stackTraceLimit, prepare() === ours]);
delete Error.prepareStackTrace;
Error.stackTraceLimit = 10;

// ── order, contexts ──────────────────────────────────────────────────────────────────────────────
const byText = (a, b) => (a < b ? -1 : 1);
const order = [];
await Promise.all([
  pool.query('select 1').then(() => order.push('query')),
  Promise.resolve().then(() => order.push('microtask')),
  new Promise((resolve) => process.nextTick(() => (order.push('tick'), resolve()))),
  new Promise((resolve) => setImmediate(() => (order.push('immediate'), resolve()))),
]);
say('order', order.slice(0, 2).concat(order.slice(2).toSorted(byText)));
const storage = new AsyncLocalStorage();
const contexts = [];
const note = (where) => contexts.push(`${where}: ${storage.getStore() ?? 'none'}`);
await storage.run('outer', async () => {
  note('before');
  await pool.query('select 1');
  note('after a query');
  const held = await pool.connect();
  note('after connect');
  await storage.run('inner', () => held.query('BEGIN'));
  note('after a query of an inner context');
  await new Promise((resolve) => {
    held.query('select 1', () => {
      note('in a callback');
      resolve();
    });
  });
  note('after a callback');
  held.release();
});
await Promise.all(
  [1, 2, 3, 4].map((i) =>
    storage.run(`flow ${i}`, async () => {
      const held = await pool.connect();
      note('queued, promise');
      await held.query('select pg_sleep(0.002)');
      note('queued, statement');
      held.release();
    }),
  ),
);
// In the releaser's context, as pg-pool calls it there.
const [first, second] = [await pool.connect(), await pool.connect()];
const callbacks = [1, 2].map((i) =>
  storage.run(`caller ${i}`, () => new Promise((resolve) => pool.connect((_, held, done) => (note('queued, callback'), done(), resolve())))),
);
storage.run('releaser', () => first.release());
second.release();
await Promise.all(callbacks);
note('outside');
say('contexts', contexts.toSorted(byText));
say('execution ids grow', executionAsyncId() >= 0);

// ── clients without a pool, ends ─────────────────────────────────────────────────────────────────
const lone = new pg.Client(connectionString);
say('new client', properties(lone));
const connecting = lone.connect();
say('connecting', connecting instanceof Promise);
say('connected', (await connecting) === lone || (await connecting) === undefined);
const ended = once(lone, 'end');
await lone.query('select 1');
say('ended', await lone.end());
await ended;
say('after the end', await lone.query('select 1').catch(failure));
say('pool properties at last', properties(pool));
say('pool listeners at last', listeners(pool));
say('the end', await pool.end());
say('connect after the end', await pool.connect().catch(failure));
say('events at last', [...new Set(events)].toSorted(byText));
const resources = () => process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap' && name !== 'Immediate');
// Sockets are closed a little after their clients have ended.
while (resources().length > 0) await new Promise((resolve) => setImmediate(resolve));
const { _getActiveHandles: handles } = process;
say('handles', handles().map(({ constructor }) => constructor.name));
say('exit code', process.exitCode);

// ── what is known to differ ──────────────────────────────────────────────────────────────────────
say('other listeners of process', listeners(process).replace(/exit:\d+ /, ''));
say('exit listeners of process', String(process.listenerCount('exit')));
say('source of a wrapped method', /execArgv|Reflect\.apply/.test(pg.Client.prototype.query.toString()));
say('source of EventEmitter.init', EventEmitter.init.toString().includes('_events'));
say('channels with subscribers', ['undici:request:create', 'http.client.request.start', 'child_process'].filter((name) => channel(name).hasSubscribers));
say('environment', Object.keys(process.env).filter((name) => /NODE_OPTIONS|LIFEGUARD/.test(name)).toSorted(byText));
const worker = new Worker('', { eval: true });
say('number of the first thread', worker.threadId);
await once(worker, 'exit');
