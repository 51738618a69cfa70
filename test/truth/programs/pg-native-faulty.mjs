// pg-native: promises and callbacks, pools and clients without, pipelines
// rules: await-in-transaction, nested-checkout, unfinished-transaction
import 'pg-native';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
const { Pool, Client } = pg.native;
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 6, connectionTimeoutMillis: 60_000 });
async function pay(id) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('select * from orders where id = $1', [id]);
    await fetch(`${process.env.SERVICE_URL}/pay?ms=9`); // ← await-in-transaction
    await client.query({ name: 'upd', text: 'update orders set status = $2 where id = $1', values: [id, 'paid'] });
    await client.query('COMMIT');
  } finally { client.release(); }
}
async function good(id) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('select * from users where id = $1', [id]);
    await client.query({ name: 'upd2', text: 'update users set email = $2 where id = $1', values: [id, 'paid'] });
    await client.query('COMMIT');
  } catch (e) { await client.query('ROLLBACK'); throw e; } finally { client.release(); }
}
async function failing() {
  const client = await pool.connect();
  try {
    await client.query('BEGIN'); // ← unfinished-transaction
    await client.query('select 1/0');
    await client.query('COMMIT');
  } catch {} finally { client.release(); }
}
function callbacks(id) {
  return new Promise((resolve) => pool.connect((error, client, release) => {
    client.query('BEGIN', () => client.query('select 1 as cb', () => setTimeout(() => { // ← await-in-transaction
      client.query('COMMIT', () => { release(); resolve(); });
    }, 7)));
  }));
}
async function nested() {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await pool.query('select 1 as nested'); // ← nested-checkout
    await client.query('COMMIT');
  } finally { client.release(); }
}
async function lone() {
  const client = new Client(process.env.DATABASE_URL);
  await client.connect();
  await client.query('begin');
  await client.query('select 1 as lone');
  await sleep(6); // ← await-in-transaction
  await client.query('commit');
  await client.end();
}
async function piped() {
  const client = new Client({ connectionString: process.env.DATABASE_URL, pipeline: true });
  await client.connect();
  await client.query('begin');
  await Promise.all([1, 2, 3, 4, 5].map((i) => client.query('select $1::int as piped', [i])));
  await sleep(6); // ← await-in-transaction
  await client.query('commit');
  await client.end();
}
for (let i = 0; i < 5; i++) await Promise.all([pay(1), good(2), callbacks(1), nested(), good(3), pool.query('select 1'), pool.query('select 2'), lone(), piped()]);
await pool.query('select 1/0').catch(() => {});
const bad = new Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
await bad.query('select 1').catch(() => {});
await failing(); await pool.query('rollback'); 
await pool.end();
