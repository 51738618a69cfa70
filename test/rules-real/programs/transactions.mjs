// Transactions that are not ended, and one that is in no single connection
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

async function forgotten(amount) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN'); // ← unfinished-transaction
    const { rowCount } = await client.query('select 1 where $1::int > 0', [amount]);
    if (rowCount === 0) return false;
    await client.query('insert into orders (amount) values ($1)', [amount]);
    await client.query('COMMIT');
    return true;
  } finally {
    client.release();
  }
}

async function failed() {
  const client = await pool.connect();
  try {
    await client.query('BEGIN'); // ← unfinished-transaction
    await client.query('select nonsense');
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

async function scattered() {
  await pool.query('BEGIN'); // ← transaction-on-pool
  await pool.query('insert into orders (amount) values (1)');
  await pool.query('COMMIT');
}

await scattered();
await forgotten(1);
await forgotten(0);
// Whoever comes next works in it, and is not to blame.
await pool.query('insert into orders (amount) values (2)');
await pool.query('ROLLBACK');
await failed().catch(() => {});
await pool.query('ROLLBACK');
await pool.end();
