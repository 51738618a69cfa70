// The same, which waits for the lock without blocking, and gives it back before it turns to other work.
/// <reference lib="es2024.sharedmemory" />
import { setTimeout as otherWork } from 'node:timers/promises';
import { Pool } from 'pg';
import { serve } from '../serve.js';

// Shared with the threads of the service, all of which use the database: so many connections are free.
const free = new Int32Array(new SharedArrayBuffer(4));
const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: Number(process.env['POOL_SIZE'] ?? 10), connectionTimeoutMillis: 5000 });
Atomics.store(free, 0, pool.options.max);

async function acquire(): Promise<void> {
  while (Atomics.load(free, 0) === 0) await Atomics.waitAsync(free, 0, 0).value; // (b) others go on meanwhile
  Atomics.sub(free, 0, 1);
}

function release(): void {
  Atomics.add(free, 0, 1);
  Atomics.notify(free, 0, 1);
}

async function readTime(): Promise<unknown> {
  await acquire();
  try {
    const { rows } = await pool.query('select now()');
    return rows[0];
  } finally {
    release();
  }
}

async function answer(): Promise<unknown> {
  const time = await readTime(); // (a) the connection is back already …
  await otherWork(60);
  return time;
}

serve({ 'GET /time': answer }, () => pool.end());
