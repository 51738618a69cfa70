// The same flows in a pool with room for them: nothing hangs, and it is said what would make it
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 6 });

async function audit(what) {
  await pool.query('insert into audit (what) values ($1)', [what]); // ← nested-checkout
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

await Promise.all([order(1), order(2), order(3)]);
await pool.end();
