// pg: a statement for each row, and many at once over one connection
// rules: repeated-query, serialized-queries
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

async function inTransaction(body) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await body(client);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

function eachByItself() {
  return inTransaction(async (client) => {
    const { rows } = await client.query('select generate_series(1, 20) as id');
    for (const { id } of rows) {
      await client.query('select total from orders where id = $1', [id]); // ← repeated-query
    }
  });
}

function allAtOnce() {
  return inTransaction(async (client) => {
    await Promise.all([
      client.query('select 1 as first, pg_sleep(0.06)'),
      client.query('select 2 as second, pg_sleep(0.06)'), // ← serialized-queries
      client.query('select 3 as third, pg_sleep(0.06)'),
      client.query('select 4 as fourth, pg_sleep(0.06)'),
    ]);
  });
}

function inOne() {
  return inTransaction(async (client) => {
    const { rows } = await client.query('select generate_series(1, 20) as id');
    await client.query('select total from orders where id = any($1)', [rows.map(({ id }) => id)]);
  });
}

await Promise.all([eachByItself(), allAtOnce(), inOne()]);
await pool.end();
