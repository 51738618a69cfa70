// Two flows in a pool of two, each of which asks for one connection more: it hangs for ever
// ended after: 2 s
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
await Promise.all([order(1), order(2), order(3)]);
