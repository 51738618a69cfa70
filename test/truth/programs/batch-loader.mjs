// A batch loader used inside a transaction asks the pool for a connection of its own
// rules: await-in-transaction, nested-checkout
import DataLoader from 'dataloader';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 6, connectionTimeoutMillis: 60_000 });

const users = new DataLoader(
  async (ids) => {
    const { rows } = await pool.query('select id, name, pg_sleep(0.01) from users where id = any($1)', [ids]); // ← nested-checkout
    return ids.map((id) => rows.find((row) => row.id === id) ?? null);
  },
  { cache: false },
);

async function loadInside(id) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('select * from orders where user_id = $1', [id]);
    const user = await users.load(id);
    await client.query('update users set email = $1 where id = $2', [`${user.name}@example.com`, id]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

async function loadBefore(id) {
  const user = await users.load(id);
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('update users set email = $1 where id = $2', [user.name, id]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

for (let round = 0; round < 3; round++) await Promise.all([loadInside(1), loadBefore(2), loadBefore(3)]);
await pool.end();
