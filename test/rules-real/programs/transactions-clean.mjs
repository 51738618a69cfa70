// Transactions that end on every way
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

async function inTransaction(body) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await body(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

// The connection is closed where its state is not known.
async function destroyed() {
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('select 1');
  client.release(true);
}

// The end is sent, and the connection given back before the answer comes.
async function inAHurry() {
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('insert into orders (amount) values (3)');
  const committed = client.query('COMMIT');
  client.release();
  await committed;
}

await inTransaction((client) => client.query('insert into orders (amount) values (1)'));
await inTransaction((client) => client.query('select nonsense')).catch(() => {});
await inTransaction(async (client) => {
  await client.query('savepoint a');
  await client.query('select nonsense').catch(() => {});
  await client.query('rollback to savepoint a');
});
await destroyed();
await inAHurry();
await pool.query('begin; insert into orders (amount) values (2); commit');
await pool.query('do $$ begin insert into orders (amount) values (4); end $$');
await pool.end();
