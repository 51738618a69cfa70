// pg, promises: a shared helper for transactions, and routes that do well or badly in it
// rules: await-in-transaction, nested-checkout, transaction-on-pool, unfinished-transaction, serialized-queries
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 6, connectionTimeoutMillis: 60_000 });

async function withTransaction(body) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await body(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

// Two helpers deep, the mail goes out while the order is locked.
async function sendMail(user) {
  const response = await fetch(`${process.env.SERVICE_URL}/mail/${user}?token=secret`); // ← await-in-transaction
  await response.text();
}

async function notify(client, order) {
  const { rows } = await client.query('select user_id from orders where id = $1', [order]);
  await sendMail(rows[0].user_id);
}

function payOrder(order) {
  return withTransaction(async (client) => {
    await client.query("update orders set status = 'paid' where id = $1", [order]);
    await notify(client, order);
  });
}

function auditedTransfer(from, to) {
  return withTransaction(async (client) => {
    await client.query('update accounts set balance = balance - 1 where id = $1', [from]);
    await pool.query('select now()'); // ← nested-checkout
    await client.query('update accounts set balance = balance + 1 where id = $1', [to]);
  });
}

function retryLater(order) {
  return withTransaction(async (client) => {
    await client.query('select total from orders where id = $1', [order]);
    await sleep(20); // ← await-in-transaction
    await client.query('update orders set total = total + 1 where id = $1', [order]);
  });
}

// These two do nothing wrong, in the same helper and at the same time.
function rename(user) {
  return withTransaction(async (client) => {
    const { rows } = await client.query('select name from users where id = $1', [user]);
    await client.query('update users set name = $1 where id = $2', [`${rows[0].name}!`, user]);
  });
}

async function mailFirst(user) {
  await fetch(`${process.env.SERVICE_URL}/mail/${user}`).then((response) => response.text());
  await sleep(5);
  return withTransaction((client) => client.query('update users set email = name where id = $1', [user]));
}

for (let round = 0; round < 3; round++) {
  await Promise.all([payOrder(1), auditedTransfer(1, 2), retryLater(2), rename(3), mailFirst(2)]);
}
await pool.end();
