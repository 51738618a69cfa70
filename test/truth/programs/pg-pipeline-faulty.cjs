// pg with pipeline: true, several statements under way at the same time
// rules: await-in-transaction
// needs: pg 8.21
const { Pool } = require('pg');
const { setTimeout: sleep } = require('node:timers/promises');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 3, pipeline: true, connectionTimeoutMillis: 60_000 });

async function report(user) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const [orders, accounts] = await Promise.all([client.query('select count(*) from orders where user_id = $1', [user]), client.query('select count(*) from accounts')]);
    await sleep(15); // ← await-in-transaction
    await Promise.all([client.query('select $1::text', [orders.rows[0].count]), client.query('select $1::text', [accounts.rows[0].count])]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

async function quick(user) {
  const client = await pool.connect();
  try {
    const statements = [client.query('BEGIN'), client.query('select * from users where id = $1', [user]), client.query('COMMIT')];
    await Promise.all(statements);
  } finally {
    client.release();
  }
}

(async () => {
  for (let round = 0; round < 3; round++) await Promise.all([report(1), report(2), quick(1), quick(2)]);
  await pool.end();
})();
