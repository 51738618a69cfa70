// pg: connections that are not given back on every way, and a transaction that is not ended
// rules: connection-leak, unfinished-transaction, transaction-on-pool
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10, connectionTimeoutMillis: 60_000 });

async function earlyReturn(id) {
  const client = await pool.connect(); // ← connection-leak
  const { rows } = await client.query('select * from users where id = $1', [id]);
  if (rows.length === 0) return null;
  client.release();
  return rows[0];
}

async function errorBeforeTry(text) {
  const client = await pool.connect(); // ← connection-leak
  const { id } = JSON.parse(text);
  try {
    return await client.query('select * from users where id = $1', [id]);
  } finally {
    client.release();
  }
}

async function forgottenCommit(id) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN'); // ← unfinished-transaction
    const { rows } = await client.query('select * from users where id = $1', [id]);
    if (rows.length === 0) return null;
    await client.query('COMMIT');
    return rows[0];
  } finally {
    client.release();
  }
}

async function onPool() {
  await pool.query('BEGIN'); // ← transaction-on-pool
  await pool.query('select 1 as one');
  await pool.query('COMMIT');
}

async function careful(id) {
  const client = await pool.connect();
  try {
    return await client.query('select * from users where id = $1', [id]);
  } finally {
    client.release();
  }
}

await onPool();
await Promise.all([1, 2, 3].map(careful));
await Promise.all([earlyReturn(1), earlyReturn(99), errorBeforeTry('{ "id": 1 }'), errorBeforeTry('').catch(() => {})]);
await forgottenCommit(99);
await careful(1);
// Much longer than all before, however slow the machine is.
await sleep(Math.max(4000, 4000 * process.uptime()));
process.exit(0);
