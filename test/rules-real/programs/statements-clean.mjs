// Many statements on one connection that are as they should be
import pg from 'pg';
import Cursor from 'pg-cursor';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8, connectionTimeoutMillis: 60_000 });
const pipeline = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2, connectionTimeoutMillis: 60_000, pipeline: true });

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

// All rows with one statement.
await inTransaction(async (client) => {
  const { rows } = await client.query('select id from generate_series(1, 25) as id');
  await client.query('select count(*) from orders where amount = any($1)', [rows.map(({ id }) => id)]);
});

// Batches of many rows.
await inTransaction(async (client) => {
  for (let batch = 0; batch < 15; batch++) await client.query('insert into orders (amount) values ($1), ($2), ($3)', [batch, batch + 1, batch + 2]);
  for (let batch = 0; batch < 15; batch++) await client.query('insert into orders (amount) select unnest($1::int[])', [[batch, batch + 1]]);
});

// The reads of a cursor, and pages.
await inTransaction(async (client) => {
  const cursor = client.query(new Cursor('select * from generate_series(1, 500)'));
  while ((await cursor.read(20)).length > 0);
  await cursor.close();
  for (let last = 0; last < 300; last += 20) await client.query('select * from generate_series(1, 300) as id where id > $1 order by id limit $2', [last, 20]);
});

// At once, each over a connection of its own; and over one that is made for it.
await Promise.all([1, 2, 3, 4, 5].map((seconds) => pool.query('select pg_sleep($1)', [seconds / 100])));
const client = await pipeline.connect();
// Before pg 8.21 there is no pipeline, and these would wait for each other.
if (client.pipeline) for (let round = 0; round < 5; round++) await Promise.all([1, 2, 3, 4, 5].map((seconds) => client.query('select pg_sleep($1)', [seconds / 200])));
client.release();

await Promise.all([pool.end(), pipeline.end()]);
