// Counts connections with a lock that blocks, as is usual where each request has a thread. Here all have one thread.
import { setTimeout as otherWork } from 'node:timers/promises';
import { Pool } from 'pg';
import { serve } from '../serve.js';

// Shared with the threads of the service, all of which use the database: so many connections are free.
const free = new Int32Array(new SharedArrayBuffer(4));
const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: Number(process.env['POOL_SIZE'] ?? 10), connectionTimeoutMillis: 5000 });
Atomics.store(free, 0, pool.options.max);

function acquire(): void {
  while (Atomics.load(free, 0) === 0) Atomics.wait(free, 0, 0); // ← the fault: whoever could release it cannot run
  Atomics.sub(free, 0, 1);
}

function release(): void {
  Atomics.add(free, 0, 1);
  Atomics.notify(free, 0, 1);
}

async function answer(): Promise<unknown> {
  acquire();
  const client = await pool.connect();
  try {
    const { rows } = await client.query('select now()');
    await otherWork(60);
    return rows[0];
  } finally {
    client.release();
    release();
  }
}

serve({ 'GET /time': answer }, () => pool.end());
