/** What a program can see of node and of itself, while pg is in use. */
import { AsyncLocalStorage, AsyncResource, executionAsyncId } from 'node:async_hooks';
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';
import dns from 'node:dns';
import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import net from 'node:net';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';
import util from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import worker from 'node:worker_threads';
import pg from 'pg';
import { flags, listeners, properties, say, throwsAtNobody } from './say.mjs';

const require = createRequire(import.meta.url);
const connectionString = process.env.DATABASE_URL;
const MODULES = { childProcess, crypto, diagnostics, dns, fs, http, net, performance, timers, util, v8, vm, worker };

const functions = (object) => Reflect.ownKeys(object).filter((key) => typeof Object.getOwnPropertyDescriptor(object, key)?.value === 'function');
const described = (object) => functions(object).map((key) => `${String(key)} ${flags(object, key)}`).toSorted().join('\n');
const sources = (object) => functions(object).map((key) => [String(key), Function.prototype.toString.call(object[key])]).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** All the functions of node that were ever wrapped by somebody: they and their sources. */
function observeNode(when) {
  for (const [name, module] of Object.entries(MODULES)) {
    say(`${when}: ${name}`, described(module));
    say(`${when}: sources of ${name}`, crypto.createHash('sha256').update(JSON.stringify(sources(module))).digest('hex'));
  }
  for (const [name, object] of Object.entries({ JSON, Promise, 'Promise.prototype': Promise.prototype, Error, Reflect, Array: Array.prototype, Function: Function.prototype, Object, Atomics })) {
    say(`${when}: ${name}`, `${properties(object)}\n${described(object)}`);
    say(`${when}: sources of ${name}`, sources(object).map(([key, text]) => `${key} ${text}`).join('\n'));
  }
  for (const key of functions(globalThis)) say(`${when}: global ${String(key)}`, `${flags(globalThis, key)} ${Function.prototype.toString.call(globalThis[key]).slice(0, 60)}`);
  say(`${when}: globals`, properties(globalThis));
  say(`${when}: symbols of globalThis`, Object.getOwnPropertySymbols(globalThis).map(String).toSorted());
  say(`${when}: process`, properties(process));
  say(`${when}: functions of process`, functions(process).filter((key) => key !== '_kill').map((key) => `${String(key)} ${flags(process, key)} ${Function.prototype.toString.call(process[key]).length}`).toSorted());
  say(`${when}: process.kill`, [flags(process, 'kill'), flags(process, '_kill'), process.kill.toString()]);
  say(`${when}: getters`, Object.entries(Object.getOwnPropertyDescriptors(process)).filter(([, { get }]) => get !== undefined).map(([key, { get }]) => `${key} ${get.name}`));
  say(`${when}: builtin modules are one`, [fs.readFileSync === require('fs').readFileSync, childProcess.execSync === process.getBuiltinModule?.('child_process').execSync, JSON.parse === vm.runInThisContext('JSON.parse')]);
}

async function observeProgram(when) {
  say(`${when}: Error`, [Error.stackTraceLimit, properties(Error), Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')]);
  say(`${when}: EventEmitter`, [properties(EventEmitter), EventEmitter.defaultMaxListeners, flags(EventEmitter, 'init'), EventEmitter.usingDomains]);
  say(`${when}: require.cache`, Object.keys(require.cache).map((path) => path.replace(/^.*node_modules/, '')));
  say(`${when}: extensions`, [Object.keys(require.extensions), Object.values(require.extensions).map(String).join('\n').length]);
  say(`${when}: execArgv, argv`, [process.execArgv, process.argv.length, process.title === process.argv0]);
  say(`${when}: resources`, process.getActiveResourcesInfo().filter((name) => !/Wrap$/.test(name)).toSorted());
  say(`${when}: handles`, process._getActiveHandles().map(({ constructor }) => constructor.name).toSorted());
  say(`${when}: requests`, process._getActiveRequests().length);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGPROF', 'SIGHUP', 'beforeExit', 'uncaughtException', 'uncaughtExceptionMonitor', 'unhandledRejection', 'rejectionHandled', 'warning', 'worker', 'message', 'newListener']) {
    say(`${when}: listeners of ${name}`, process.listenerCount(name));
  }
  say(`${when}: exit code`, [process.exitCode, flags(process, 'exitCode')]);
  say(`${when}: inspector`, (await import('node:inspector')).url());
  say(`${when}: max listeners`, process.getMaxListeners());
  say(`${when}: cwd, umask`, [process.cwd() === fs.realpathSync('.'), process.umask().toString(8)]);
  say(`${when}: streams`, [listeners(process.stdout), listeners(process.stderr)]);
  say(`${when}: timerify`, performance.timerify(function named(a, b) {
    return a + b;
  })(1, 2));
  say(`${when}: execution id at the top`, executionAsyncId() >= 0);
  say(`${when}: domain`, [process.domain, typeof process.domain]);
  say(`${when}: source maps`, [process.sourceMapsEnabled]);
  say(`${when}: deprecation`, [process.noDeprecation, process.throwDeprecation, process.traceDeprecation]);
}

async function observeContexts(when, pool) {
  const storage = new AsyncLocalStorage();
  const seen = [];
  const note = (where) => seen.push(`${where} ${storage.getStore() ?? 'none'}`);
  await storage.run('a', async () => {
    await pool.query('select 1');
    note('after a query');
    await new Promise((resolve) => pool.query('select 1', () => (note('callback'), resolve())));
    const client = await pool.connect();
    await storage.run('b', () => client.query('select 1').then(() => note('then')));
    storage.enterWith('c');
    await client.query('select 1');
    note('entered');
    client.release();
    const bound = AsyncResource.bind(() => note('bound'));
    storage.run('d', bound);
    const snapshot = AsyncLocalStorage.snapshot?.() ?? ((run) => run());
    storage.run('e', () => snapshot(() => note('snapshot')));
  });
  note('outside');
  say(`${when}: contexts`, seen);
  const order = [];
  const add = (name) => () => order.push(name);
  setImmediate(add('immediate'));
  process.nextTick(add('tick'));
  queueMicrotask(add('microtask'));
  const query = pool.query('select 1').then(add('query')).finally(add('finally'));
  Promise.resolve().then(add('1')).then(add('2')).then(add('3'));
  (async () => {
    await null;
    order.push('await');
    await { then: (back) => back() };
    order.push('thenable');
  })();
  add('sync')();
  await query;
  order.splice(order.indexOf('immediate'), 1);
  say(`${when}: order`, order);
  const callbacks = [];
  const client = await pool.connect();
  await Promise.all(['x', 'y', 'z'].map((name) => new Promise((resolve) => {
    client.query(`select '${name}'`, function (error, result) {
      callbacks.push([this === undefined, this === globalThis, this?.constructor?.name, error, result.rows.length, arguments.length]);
      resolve();
    });
  })));
  client.release();
  say(`${when}: this in callbacks`, callbacks);
  say(`${when}: this in connect`, await new Promise((resolve) => {
    pool.connect(function (error, held, done) {
      const what = [this?.constructor?.name, arguments.length, done === held.release, done.name, done.length];
      done();
      resolve(what);
    });
  }));
}

class MyPromise extends Promise {}
class MyPool extends pg.Pool {
  constructor(options) {
    super(options);
    this.mine = true;
  }
  async query(...args) {
    const result = await super.query(...args);
    return { ...result, mine: true };
  }
}
class MyClient extends pg.Client {
  query(...args) {
    this.asked = (this.asked ?? 0) + 1;
    return super.query(...args);
  }
}
class MyQuery {
  constructor() {
    this.rows = 0;
  }
  submit(connection) {
    connection.query('select 1');
  }
  handleRowDescription() {}
  handleDataRow() {
    this.rows++;
  }
  handleCommandComplete() {}
  handleReadyForQuery() {
    this.done?.();
  }
  handleError(error) {
    this.done?.(error);
  }
}

async function observeSubclasses() {
  const pool = new MyPool({ connectionString, Client: MyClient, Promise: MyPromise, max: 2 });
  say('subclass', [pool instanceof pg.Pool, pool instanceof MyPool, pool instanceof EventEmitter, pool.constructor.name, Object.getPrototypeOf(MyPool) === pg.Pool, properties(pool)]);
  say('subclass: mine', (await pool.query('select 1')).mine);
  const client = await pool.connect();
  say('subclass: client', [client instanceof pg.Client, client instanceof MyClient, client.asked, client.constructor.name]);
  const pending = client.query('select 1');
  say('subclass: promise', [pending instanceof MyPromise, pending instanceof Promise, pending.constructor.name]);
  await pending;
  const own = new MyQuery();
  await new Promise((resolve) => {
    own.done = resolve;
    say('own query is given back', client.query(own) === own);
  });
  say('own query', [own.rows, properties(own)]);
  client.release();
  const connecting = pool.connect();
  say('subclass: promise of connect', [connecting instanceof MyPromise, connecting.constructor.name]);
  (await connecting).release(new Error('gone'));
  say('subclass: counts', [pool.totalCount, pool.idleCount, pool.waitingCount]);
  const connected = pool.connect();
  const again = await connected;
  say('awaited twice', (await connected) === again);
  again.release(true);
  await pool.end();
  say('ended', [pool.ended, pool.ending, pool.totalCount]);
  const Bound = pg.Pool.bind(null, { connectionString });
  const bound = new Bound();
  say('bound', [bound instanceof pg.Pool, (await bound.query('select 1 as one')).rows]);
  say('called without new', await (async () => {
    try {
      const made = pg.Pool({ connectionString });
      await made.end();
      return made instanceof pg.Pool;
    } catch (error) {
      return error.message;
    }
  })());
  say('structuredClone of a result', structuredClone((await bound.query('select 1 as one')).rows));
  await bound.end();
  say('patched later', await (async () => {
    const { query } = pg.Client.prototype;
    let calls = 0;
    pg.Client.prototype.query = function (...args) {
      calls++;
      return query.apply(this, args);
    };
    const lone = new pg.Client(connectionString);
    await lone.connect();
    await lone.query('select 1');
    await lone.end();
    pg.Client.prototype.query = query;
    return calls;
  })());
}

async function observeTrouble(pool) {
  const rejected = [];
  const onRejection = (error) => rejected.push(`unhandled ${error.message}`);
  const onHandled = () => rejected.push('handled');
  process.on('unhandledRejection', onRejection).on('rejectionHandled', onHandled);
  const late = pool.query('select 1/0');
  void Promise.reject(new Error('first'));
  void pool.query('selekt');
  await pool.query('select pg_sleep(0.05)');
  await late.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 20));
  say('rejections', rejected.toSorted());
  process.off('unhandledRejection', onRejection).off('rejectionHandled', onHandled);
  const warnings = [];
  const onWarning = ({ name, message, code }) => warnings.push([name, message, code]);
  process.on('warning', onWarning);
  const client = await pool.connect();
  const both = [client.query('select 1'), client.query('select 2')];
  await Promise.all(both);
  for (let i = 0; i < 12; i++) client.on('notice', () => {});
  process.emitWarning('mine');
  await new Promise((resolve) => setImmediate(resolve));
  client.removeAllListeners('notice');
  client.release();
  say('warnings', warnings);
  process.off('warning', onWarning);
  if (throwsAtNobody) return;
  const events = [];
  const small = new pg.Pool({ connectionString, max: 1, idleTimeoutMillis: 5, maxUses: 2, connectionTimeoutMillis: 1000, allowExitOnIdle: true });
  for (const name of ['connect', 'acquire', 'release', 'remove', 'error']) small.on(name, (...values) => events.push([name, ...values.map((value) => (value instanceof Error ? value.message : value?.constructor?.name))].join(' ')));
  const held = await small.connect();
  const waiting = [small.query('select 1'), small.connect()];
  say('waiting', [small.totalCount, small.idleCount, small.waitingCount, properties(small)]);
  held.release(new Error('broken'));
  (await waiting[1]).release();
  await once(small, 'remove');
  await small.end();
  say('events of a pool', events);
}

const pool = new pg.Pool({ connectionString, max: 4 });
await pool.query('select 1');
observeNode('early');
await observeProgram('early');
await observeContexts('early', pool);
const client = await pool.connect();
await client.query('begin');
observeNode('in a transaction');
await observeProgram('in a transaction');
await observeContexts('in a transaction', pool);
await client.query('commit');
client.release();
await observeSubclasses();
await observeTrouble(pool);
await pool.end();
await observeProgram('late');
say('environment of the preload', Object.keys(process.env).filter((name) => /NODE_OPTIONS|LIFEGUARD/.test(name)).toSorted());
say('environment', Object.keys(process.env).filter((name) => !/NODE_OPTIONS|LIFEGUARD/.test(name)).toSorted());
process.on('exit', (code) => say('at exit', [code, process.exitCode]));
process.exitCode = 3;
