// Two flows in a pool of two, each of which asks for one connection more: it hangs for ever
// ended by SIGTERM
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 }); // ← note no-acquire-timeout

async function audit(what) {
  await pool.query('insert into audit (what) values ($1)', [what]); // ← nested-checkout, pool-deadlock
}

async function order(amount) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('insert into orders (amount) values ($1)', [amount]);
    await audit('order');
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

// Both have their connection before either goes on.
await Promise.all([pool.query('select pg_sleep(0.05)'), pool.query('select pg_sleep(0.05)')]);
void Promise.all([order(1), order(2), order(3)]);
// All of them wait, and go on to wait.
while (pool.waitingCount < 3) await sleep(20);
for (let round = 0; round < 15; round++) await sleep(100);
process.kill(process.pid, 'SIGTERM');
