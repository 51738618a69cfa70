// pg, promises: as its documentation has it
// rules: await-in-transaction, connection-leak
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventEmitter, once } from 'node:events';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 10_000 });

async function transfer(from, to, amount) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('select balance from accounts where id = $1 for update', [from]);
    if (rows[0].balance < amount) {
      await client.query('ROLLBACK');
      return false;
    }
    await client.query('update accounts set balance = balance - $1 where id = $2', [amount, from]);
    await client.query('SAVEPOINT credited');
    try {
      await client.query('insert into accounts (id, owner) values ($1, $2)', [to, 'again']);
    } catch {
      await client.query('ROLLBACK TO SAVEPOINT credited');
    }
    await client.query('update accounts set balance = balance + $1 where id = $2', [amount, to]);
    await client.query('COMMIT');
    return true;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

// Work goes on beside the transaction, which does not wait for it.
async function transferAndReport(from, to) {
  const report = fetch(`${process.env.SERVICE_URL}/report`).then((response) => response.text());
  await transfer(from, to, 1);
  await report;
}

async function* pages(table) {
  for (let last = 0; ; ) {
    const { rows } = await pool.query(`select id from ${table} where id > $1 order by id limit 2`, [last]);
    if (rows.length === 0) return;
    yield rows;
    await sleep(2);
    last = rows.at(-1).id;
  }
}

async function readAll() {
  let count = 0;
  for await (const rows of pages('users')) count += rows.length;
  return count;
}

const bus = new EventEmitter();
bus.on('order', async (id) => {
  const { rows } = await pool.query('select * from orders where id = $1', [id]);
  await sleep(3);
  bus.emit('done', rows.length);
});

async function order(id) {
  const done = once(bus, 'done');
  bus.emit('order', id);
  await done;
}

for (let round = 0; round < 3; round++) {
  await Promise.all([transfer(1, 2, 1), transferAndReport(1, 2), transfer(3, 4, 1_000_000), readAll(), order(1), transfer(3, 4, 1), transferAndReport(1, 2)]);
}
await pool.end();
