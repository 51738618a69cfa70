// pg.native, the client over libpq: awaits in a transaction, a second connection, a transaction that is left open
// rules: await-in-transaction, nested-checkout, unfinished-transaction
require('pg-native');
const { native } = require('pg');
const { setTimeout: sleep } = require('node:timers/promises');

const pool = new native.Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

async function pay(order) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query("update orders set status = 'paid' where id = $1", [order]);
    const response = await fetch(`${process.env.SERVICE_URL}/pay`); // ← await-in-transaction
    await response.text();
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

async function audit(order) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('select total from orders where id = $1 for update', [order]);
    await pool.query('select now()'); // ← nested-checkout
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

// In callbacks, all the way.
function ship(order, done) {
  pool.connect((error, client, release) => {
    if (error) return done(error);
    client.query('BEGIN', () => {
      client.query('select total from orders where id = $1', [order], () => {
        setTimeout(() => { // ← await-in-transaction
          client.query('COMMIT', (failed) => {
            release();
            done(failed);
          });
        }, 15);
      });
    });
  });
}

async function forget() {
  const client = await pool.connect();
  await client.query('BEGIN'); // ← unfinished-transaction
  await client.query("update orders set status = 'lost' where id = 3");
  client.release();
}

(async () => {
  for (let i = 0; i < 3; i++) await Promise.all([pay(1), audit(2), new Promise((resolve) => ship(2, resolve))]);
  await forget();
  await sleep(5);
  await pool.end();
})();
