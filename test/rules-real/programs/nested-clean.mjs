// Several connections at a time that no flow needs at once
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

async function audit(what, on = pool) {
  await on.query('insert into audit (what) values ($1)', [what]);
}

// The connection is passed on.
async function order(amount) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('insert into orders (amount) values ($1)', [amount]);
    await audit('order', client);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  await audit('done');
}

// Begun, and not waited for.
const later = [];
async function orderAndGoOn(amount) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    later.push(audit('goes on by itself'));
    await client.query('insert into orders (amount) values ($1)', [amount]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

// Handlers of notifications use the pool, whoever listens.
const listener = await pool.connect();
const heard = new Promise((resolve) => {
  listener.on('notification', () => void audit('heard').then(resolve));
});
await listener.query('listen orders');

await Promise.all([order(1), order(2), orderAndGoOn(3), orderAndGoOn(4)]);
await Promise.all([pool.query('select 1'), pool.query('select 2'), pool.query('select 3')]);
await pool.query('notify orders');
await heard;
await listener.query('unlisten orders');
listener.release();
await Promise.all(later);
await pool.end();
