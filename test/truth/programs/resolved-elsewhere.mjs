// Flows that wait for what other flows do in their transactions: an event, a lock, a value, a cache
// rules: await-in-transaction, nested-checkout
import pg from 'pg';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 6, connectionTimeoutMillis: 60_000 });
async function tx(fn) {
  const c = await pool.connect();
  try { await c.query('BEGIN'); const r = await fn(c); await c.query('COMMIT'); return r; } catch (e) { await c.query('ROLLBACK'); throw e; } finally { c.release(); }
}
const bus = new EventEmitter();
// A mutex whose unlock happens inside a transaction
class Mutex {
  queue = []; locked = false;
  lock() { if (!this.locked) { this.locked = true; return Promise.resolve(); } return new Promise((r) => this.queue.push(r)); }
  unlock() { const next = this.queue.shift(); if (next) next(); else this.locked = false; }
}
const mutex = new Mutex();
async function producer(i) {
  await tx(async (c) => {
    await c.query('insert into audit (what) values ($1)', ['p' + i]);
    bus.emit('created', i);
    await c.query('select count(*) from audit');
    await c.query('select 2 as producer');
  });
}
async function consumer() {
  await once(bus, 'created');
  await pool.query('select 1 as consumer');
  const c = await pool.connect();
  try { await c.query('select 2 as consumer'); await c.query('select 3 as consumer'); } finally { c.release(); }
}
async function guardedUnlockInside(i) {
  await mutex.lock();
  await tx(async (c) => {
    await c.query('select 1 as guarded');
    mutex.unlock();
    await c.query('select 2 as guarded');
    await c.query('select 3 as guarded');
  });
}
// deferred resolved with a value
const deferreds = [];
async function publisher() {
  await tx(async (c) => {
    const { rows } = await c.query('select 1 as published');
    for (const d of deferreds.splice(0)) d.resolve(rows[0]);
    await c.query('select 2 as published');
    await c.query('select pg_sleep(0.01)');
  });
}
async function subscriber() {
  const d = Promise.withResolvers ? Promise.withResolvers() : (() => { const o = {}; o.promise = new Promise((r, j) => { o.resolve = r; o.reject = j; }); return o; })();
  deferreds.push(d);
  await d.promise;
  await pool.query('select 1 as subscriber');
  await tx(async (c) => { await c.query('select 2 as subscriber'); });
}
// a cache whose filler is inside a transaction
let cached = null;
const fill = (c) => (cached ??= c.query('select * from users').then((r) => r.rows));
async function first() { await tx(async (c) => { await fill(c); await c.query('select 1 as first'); await c.query('select pg_sleep(0.005)'); }); }
async function second() { while (cached === null) await sleep(1); await cached; await pool.query('select 1 as second'); await pool.query('select 2 as second'); }
for (let i = 0; i < 10; i++) {
  cached = null;
  await Promise.all([consumer(), consumer(), producer(i), guardedUnlockInside(1), guardedUnlockInside(2), guardedUnlockInside(3), subscriber(), subscriber(), publisher(), first(), second()]);
}
await pool.end();
