// pg.native, the client over libpq: transactions that wait for nothing, errors and savepoints, work beside them
// rules: await-in-transaction, connection-leak, unfinished-transaction, nested-checkout
import 'pg-native';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

const { Pool, Client } = pg.native;
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 3, connectionTimeoutMillis: 10_000 });

async function transfer(from, to) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('select balance from accounts where id = $1 for update', [from]);
    await client.query('SAVEPOINT credited');
    try {
      await client.query('select 1/0');
    } catch {
      await client.query('ROLLBACK TO SAVEPOINT credited');
    }
    await client.query('update accounts set balance = balance + $1 where id = $2', [rows[0].balance > 0 ? 1 : 0, to]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

async function fail() {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('selekt');
  } catch {
    await client.query('ROLLBACK');
  } finally {
    client.release();
  }
}

async function answer(i) {
  await fetch(`${process.env.SERVICE_URL}/before`).then((response) => response.text());
  await transfer(1, 2);
  await sleep(5);
  await pool.query('select $1::int', [i]);
}

await Promise.all([1, 2, 3, 4, 5, 6].map(answer));
await fail();
const lone = new Client(process.env.DATABASE_URL);
await new Promise((resolve, reject) => lone.connect((error) => (error ? reject(error) : resolve())));
await lone.query('select 1');
await new Promise((resolve) => lone.end(resolve));
await pool.end();
