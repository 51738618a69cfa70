/** The stacks of what goes wrong with pg and with node, frame by frame: while no connection is held, and in a transaction. */
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { outcomeOf, say, throwsAtNobody } from './say.mjs';

// Nothing is to be cut off because of what node's loops put below it.
Error.stackTraceLimit = 30;
const connectionString = process.env.DATABASE_URL;
const nowhere = { host: '127.0.0.1', port: 1 };
const stackOf = async (call) => {
  const outcome = await outcomeOf(call);
  return outcome instanceof Error ? outcome.stack : `no error: ${typeof outcome}`;
};
/** The stack at the place where `run` calls back. */
const stackIn = (run) => new Promise((resolve) => run(() => resolve(new Error('here').stack)));
const errorIn = (run) => new Promise((resolve) => run((error) => resolve(error?.stack ?? 'no error')));

async function observe(when, pool) {
  const see = async (name, call) => say(`${when}: ${name}`, await stackOf(call));
  await see('a syntax error', () => pool.query('selekt'));
  await see('a syntax error with values', () => pool.query('selekt $1', [1]));
  await see('a division by zero', async () => {
    async function inner() {
      await pool.query('select 1/0');
    }
    async function outer() {
      await inner();
    }
    await outer();
  });
  await see('a value of another type', () => pool.query('select $1::int', ['x']));
  await see('nothing to query', () => throwsAtNobody || pool.query(null));
  await see('a function to query', () => pool.query(() => {}));
  await see('values that are none', () => pool.query('select 1', 5));
  await see('a named statement twice', async () => {
    const client = await pool.connect();
    try {
      await client.query({ name: 'one', text: 'select 1' });
      await client.query({ name: 'one', text: 'select 2' });
    } finally {
      client.release();
    }
  });
  await see('a client with nothing to query', async () => {
    const client = await pool.connect();
    try {
      await client.query();
    } finally {
      client.release();
    }
  });
  await see('a statement of a client', async () => {
    const client = await pool.connect();
    try {
      await client.query('selekt');
    } finally {
      client.release();
    }
  });
  await see('released twice', async () => {
    const client = await pool.connect();
    client.release();
    client.release();
  });
  await see('a statement that takes too long', async () => {
    const slow = new pg.Pool({ connectionString, query_timeout: 20 });
    slow.on('error', () => {});
    try {
      await slow.query('select pg_sleep(0.2)');
    } finally {
      await slow.end();
    }
  });
  await see('a statement that the server ends', () => pool.query("set statement_timeout = 10; select pg_sleep(5)").finally(() => pool.query('reset statement_timeout')));
  await see('a pool that is full', async () => {
    const small = new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: 1500 });
    const client = await small.connect();
    try {
      await small.connect();
    } finally {
      client.release();
      await small.end();
    }
  });
  await see('a pool that has ended', async () => {
    const ended = new pg.Pool({ connectionString });
    await ended.end();
    await ended.query('select 1');
  });
  await see('a pool that ends twice', async () => {
    const ended = new pg.Pool({ connectionString });
    await ended.end();
    await ended.end();
  });
  await see('a server that is not there', () => new pg.Pool(nowhere).query('select 1'));
  await see('a client whose server is not there', () => new pg.Client(nowhere).connect());
  await see('a database that is not there', () => new pg.Pool({ connectionString: `${connectionString}_none` }).query('select 1'));
  await see('connecting to a pool that has ended', async () => {
    const ended = new pg.Pool({ connectionString });
    await ended.end();
    await ended.connect();
  });
  say(`${when}: a pool that has ended calls back`, await errorIn((back) => {
    const ended = new pg.Pool({ connectionString });
    void ended.end().then(() => ended.connect(back));
  }));
  say(`${when}: a client that connects twice calls back`, await errorIn((back) => {
    const client = new pg.Client(connectionString);
    void client.connect().then(() => client.connect((error) => client.end(() => back(error))));
  }));
  say(`${when}: thrown by a value`, await stackOf(() => pool.query('select $1', [{ toPostgres() { throw new Error('of the value'); } }])));
  say(`${when}: a query that cannot be sent`, await stackOf(() => pool.query({ text: 'select $1', values: 'none' })));
  await see('a client that connects twice', async () => {
    const client = new pg.Client(connectionString);
    await client.connect();
    try {
      await client.connect();
    } finally {
      await client.end();
    }
  });
  await see('a client that has ended', async () => {
    const client = new pg.Client(connectionString);
    await client.connect();
    await client.end();
    await client.query('select 1');
  });
  await see('a connection that the server ends', async () => {
    const other = new pg.Client(connectionString);
    other.on('error', () => {});
    await other.connect();
    await other.query('select pg_terminate_backend(pg_backend_pid())');
  });

  say(`${when}: where a transaction goes on`, await (async () => {
    const client = await pool.connect();
    await client.query('begin');
    const { stack } = new Error('here');
    await client.query('commit');
    client.release();
    return stack;
  })());
  for (const [name, run] of Object.entries({
    'a timer': (back) => setTimeout(() => back(), 1),
    'an interval': (back) => {
      const timer = setInterval(() => (clearInterval(timer), back()), 1);
    },
    'an immediate': (back) => setImmediate(() => back()),
    'a tick': (back) => process.nextTick(back),
    'a microtask': (back) => queueMicrotask(back),
    'a promise': (back) => Promise.resolve().then(back),
    'an emitter': (back) => new EventEmitter().once('it', back).emit('it'),
    'a promise of a statement': (back) => pool.query('select 1').then(back),
  })) say(`${when}: where ${name} calls back`, await stackIn(run));
  for (const [name, run] of Object.entries({
    'reading a file': (back) => fs.readFile('/nowhere', back),
    'a name server': (back) => net.connect({ host: '127.0.0.1', port: 1 }).on('error', back),
    'http': (back) => http.get('http://127.0.0.1:1/').on('error', back),
    'a child process': (back) => childProcess.execFile('/nowhere', back),
    'a random number': (back) => crypto.randomBytes(4, () => back(new Error('here'))),
    'fetch': (back) => fetch('http://127.0.0.1:1/').catch(back),
    'fetch with a wrong URL': (back) => fetch('no url').catch(back),
  })) say(`${when}: ${name}`, await errorIn(run));
  for (const [name, run] of Object.entries({
    'a callback of pool.query': (back) => pool.query('select 1', back),
    'a callback of connect': (back) => pool.connect((error, client, release) => (back(), release())),
    'a listener of acquire': (back) => pool.once('acquire', back).query('select 1').catch(() => {}),
    // Older pools tell nobody.
    'a listener of release': (back) => void pool.once('release', back).query('select 1').then(() => setTimeout(() => pool.emit('release'), 20)),
  })) {
    say(`${when}: where ${name} runs`, await stackIn(run));
  }
  say(`${when}: the error in a callback`, await errorIn((back) => pool.query('selekt', back)));

  const sync = {
    'JSON.parse': () => JSON.parse('{'),
    'JSON.stringify': () => JSON.stringify(1n),
    'a circle in JSON': () => {
      const circle = {};
      circle.circle = circle;
      return JSON.stringify(circle);
    },
    'a reviver': () => JSON.parse('[1]', () => {
      throw new Error('of the reviver');
    }),
    structuredClone: () => structuredClone(() => {}),
    'structuredClone of nothing': () => structuredClone(),
    readFileSync: () => fs.readFileSync('/nowhere'),
    'readFileSync of text': () => fs.readFileSync('/nowhere', 'utf8'),
    writeFileSync: () => fs.writeFileSync('/nowhere/at/all', ''),
    openSync: () => fs.openSync(5n),
    readSync: () => fs.readSync(99_999, Buffer.alloc(1)),
    statSync: () => fs.statSync('/nowhere'),
    execSync: () => childProcess.execSync('exit 3', { stdio: 'ignore' }),
    execFileSync: () => childProcess.execFileSync('/nowhere'),
    pbkdf2Sync: () => crypto.pbkdf2Sync('a', 'b', 0, 1, 'sha512'),
    scryptSync: () => crypto.scryptSync('a', 'b', 1, { N: 3 }),
    'process.kill of nobody': () => process.kill(2 ** 30, 0),
    'process.kill with no signal': () => process.kill(process.pid, 'SIGNONE'),
    'an emitter of errors': () => new EventEmitter().emit('error', new Error('unheard')),
    'a wrong emitter': () => new EventEmitter().on('it', 5),
    setTimeout: () => setTimeout(5),
    'new URL': () => new URL('no url'),
    Promise: () => Promise(),
    'a callback of map': () => [1].map(() => undefined.x),
  };
  for (const [name, call] of Object.entries(sync)) await see(name, call);
}

const pool = new pg.Pool({ connectionString, max: 5 });
await observe('idle', pool);
const holder = await pool.connect();
await holder.query('begin');
await observe('in a transaction', pool);
await holder.query('commit');
holder.release();
await delay(1);
await pool.end();
