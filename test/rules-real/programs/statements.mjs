// One statement for each row, and statements that stand in line for one connection
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

async function withClient(body) {
  const client = await pool.connect();
  try {
    return await body(client);
  } finally {
    client.release();
  }
}

async function lazily(client) {
  await client.query('BEGIN');
  const { rows } = await client.query('select id from generate_series(1, 25) as id');
  for (const { id } of rows) await client.query('select count(*) from orders where amount = $1', [id]); // ← repeated-query
  await client.query('COMMIT');
}

async function allAtOnce(client) {
  await Promise.all([1, 2, 3, 4, 5].map((seconds) => client.query('select pg_sleep($1)', [seconds / 100]))); // ← serialized-queries
}

for (let round = 0; round < 3; round++) {
  await withClient(lazily);
  await withClient(allAtOnce);
}
await pool.end();
