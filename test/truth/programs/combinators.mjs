// What is awaited in a transaction in every other way: allSettled, race, any, timeouts, threads, processes, files, events
// rules: await-in-transaction
import pg from 'pg';
import { promisify } from 'node:util';
import { once, EventEmitter } from 'node:events';
import crypto from 'node:crypto';
import { exec } from 'node:child_process';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import dns from 'node:dns/promises';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 12, connectionTimeoutMillis: 60_000 });
const pbkdf2 = promisify(crypto.pbkdf2);
const execP = promisify(exec);
const gzip = promisify(zlib.gzip);
// Answers once that has ended: the request is always the last to finish.
let ended = null;
const server = createServer(async (_, response) => {
  await ended;
  response.end('done');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const slower = `http://127.0.0.1:${server.address().port}/`;
async function tx(fn) {
  const c = await pool.connect();
  try { await c.query('BEGIN'); const r = await fn(c); await c.query('COMMIT'); return r; } catch (e) { await c.query('ROLLBACK'); throw e; } finally { c.release(); }
}
const cases = {
  allSettled: () => tx(async (c) => {
    await c.query('select 1 as allsettled');
    await Promise.allSettled([
      (ended = sleep(2)),
      fetch(slower), // ← await-in-transaction
    ]);
    await c.query('select 2 as allsettled');
  }),
  race: () => tx(async (c) => {
    await c.query('select 1 as race');
    await Promise.race([
      sleep(60_000, undefined, { ref: false }),
      fetch(`${process.env.SERVICE_URL}/race?ms=10`), // ← await-in-transaction
    ]);
    await c.query('select 2 as race');
  }),
  any: () => tx(async (c) => {
    await c.query('select 1 as "any"');
    await Promise.any([
      fetch('http://127.0.0.1:1/').catch((e) => { throw e; }),
      sleep(30, 'ok'), // ← await-in-transaction
    ]);
    await c.query('select 2 as "any"');
  }),
  timeout: () => tx(async (c) => {
    await c.query('select 1 as abort');
    await fetch(`${process.env.SERVICE_URL}/slow?ms=2000`, { signal: AbortSignal.timeout(25) }).catch(() => null); // ← await-in-transaction
    await c.query('select 2 as abort');
  }),
  hash: () => tx(async (c) => {
    await c.query('select 1 as hash');
    const key = await pbkdf2('secret', 'salt', 20000, 32, 'sha512'); // ← await-in-transaction
    await c.query('select 2 as hash');
  }),
  exec: () => tx(async (c) => {
    await c.query('select 1 as exec');
    await execP('sleep 0.02'); // ← await-in-transaction
    await c.query('select 2 as exec');
  }),
  gzip: () => tx(async (c) => {
    await c.query('select 1 as gzip');
    await gzip(Buffer.alloc(400000, 'ab')); // ← await-in-transaction
    await c.query('select 2 as gzip');
  }),
  once: () => tx(async (c) => {
    const bus = new EventEmitter();
    await c.query('select 1 as once');
    setTimeout(() => bus.emit("ready"), 8); // ← await-in-transaction
    await once(bus, 'ready');
    await c.query('select 2 as once');
  }),
  dns: () => tx(async (c) => {
    await c.query('select 1 as dns');
    await dns.lookup('localhost'); // ← await-in-transaction
    await c.query('select 2 as dns');
  }),
  clean: () => tx(async (c) => {
    const { rows } = await c.query('select 1 as clean');
    await Promise.allSettled([Promise.resolve(1), Promise.reject(new Error('x'))]);
    await c.query('select 2 as clean');
    await Promise.race([c.query('select 3 as clean'), sleep(60_000, undefined, { ref: false })]);
  }),
};
for (let i = 0; i < 4; i++) await Promise.all(Object.values(cases).map((f) => f()));
for (const f of Object.values(cases)) await f();
await pool.end();
server.closeAllConnections();
server.close();
