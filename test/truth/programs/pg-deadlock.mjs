// pg: as many flows as the pool has connections, and each asks for one more
// rules: nested-checkout, pool-deadlock
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3, connectionTimeoutMillis: 4000 });

async function nextNumber() {
  const { rows } = await pool.query("select nextval('orders_id_seq') as id"); // ← nested-checkout, pool-deadlock
  return rows[0].id;
}

async function placeOrder(user) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('select name, pg_sleep(0.4) from users where id = $1', [user]);
    const id = await nextNumber();
    await client.query('insert into orders (id, user_id) values ($1, $2)', [id, user]);
    await client.query('COMMIT');
  } catch {
    await client.query('ROLLBACK');
  } finally {
    client.release();
  }
}

await Promise.all([1, 2, 3].map(() => pool.query('select pg_sleep(0.1)')));
await Promise.all([1, 2, 3].map(placeOrder));
await pool.end();
