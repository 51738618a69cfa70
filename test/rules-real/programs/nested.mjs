// A helper asks the pool for a connection of its own while its caller holds one
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

async function audit(what) {
  await pool.query('insert into audit (what) values ($1)', [what]); // ← nested-checkout
}

async function price(article) {
  const client = await pool.connect(); // ← nested-checkout
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('select $1::int as price', [article]);
    await client.query('COMMIT');
    return rows[0].price;
  } finally {
    client.release();
  }
}

async function order(article) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const amount = await price(article);
    await client.query('insert into orders (amount) values ($1)', [amount]);
    await audit('order');
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

for (let article = 1; article <= 3; article++) await order(article);
await Promise.all([order(4), order(5)]);
await pool.end();
