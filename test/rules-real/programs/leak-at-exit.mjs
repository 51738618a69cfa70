// The same in a script: at its end it is certain
import { setTimeout as sleep } from 'node:timers/promises';
import net from 'node:net';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20, connectionTimeoutMillis: 60_000 });

async function find(id) {
  const client = await pool.connect(); // ← connection-leak
  const { rows } = await client.query('select $1::int as id where $1::int % 4 <> 0', [id]);
  if (rows.length === 0) return null;
  client.release();
  return rows[0];
}

async function parse(text) {
  const client = await pool.connect(); // ← connection-leak
  const { id } = JSON.parse(text);
  try {
    return await client.query('select $1::int', [id]);
  } finally {
    client.release();
  }
}

// Lost after a while, by a flow that goes on to wait for something that never comes.
async function warm() {
  const client = await pool.connect(); // ← connection-leak
  await client.query('select 2');
  await sleep(400);
}

const mute = net.createServer().listen(0, '127.0.0.1');
const requested = new Promise((resolve) => mute.once('connection', (socket) => socket.once('data', resolve)));
async function goOn() {
  await warm();
  await fetch(`http://127.0.0.1:${mute.address().port}/`);
}

void goOn();
for (let id = 1; id <= 8; id++) await find(id);
for (const text of ['{ "id": 1 }', '', '{ "id": 2 }']) await parse(text).catch(() => {});
// Much longer than all before, however slow the machine is.
await sleep(Math.max(600, 4000 * process.uptime()));
await requested;
await pool.query('select 1');
process.exit(0);
