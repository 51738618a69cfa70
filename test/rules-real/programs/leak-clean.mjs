// Connections that are held when the process exits, each for a reason
import { setTimeout as sleep } from 'node:timers/promises';
import net from 'node:net';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20, connectionTimeoutMillis: 60_000 });

async function careful(id) {
  const client = await pool.connect();
  try {
    return await client.query('select $1::int', [id]);
  } finally {
    client.release();
  }
}

// A service that never answers, and a request that waits for it.
const mute = net.createServer(() => {}).listen(0, '127.0.0.1');
const requested = new Promise((resolve) => {
  let requests = 0;
  mute.on('connection', (socket) => socket.once('data', () => ++requests === 2 && resolve()));
});
async function waiting() {
  const client = await pool.connect();
  try {
    await client.query('select 1');
    await fetch(`http://127.0.0.1:${mute.address().port}/`);
  } finally {
    client.release();
  }
}

// The same after a while in which it waited for something else.
async function waitingLater() {
  const client = await pool.connect();
  try {
    await client.query('select 2');
    await sleep(400);
    await fetch(`http://127.0.0.1:${mute.address().port}/later`); // is still awaited at the end
  } finally {
    client.release();
  }
}

// One that is in the middle of a statement.
async function busy() {
  const client = await pool.connect();
  try {
    await client.query('select pg_sleep(60)');
  } finally {
    client.release();
  }
}

// Kept on purpose: notifications, a lock of the session, a client of its own.
const listener = await pool.connect();
await listener.query('listen jobs');
const leader = await pool.connect();
await leader.query('select pg_try_advisory_lock(7)');
const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
await client.query('select 1');

for (let id = 0; id < 5; id++) await careful(id);
void busy();
void waiting();
void waitingLater();
await sleep(800);
await requested;
await Promise.all([careful(1), careful(2)]);
process.exit(0);
