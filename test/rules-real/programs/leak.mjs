// Connections that are lost on some ways, in a server that goes on until it is ended
// ended by SIGTERM
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20, connectionTimeoutMillis: 60_000 });

async function find(id) {
  const client = await pool.connect(); // ← connection-leak
  const { rows } = await client.query('select $1::int as id where $1::int % 4 <> 0', [id]);
  if (rows.length === 0) throw new Error('there is none');
  client.release();
  return rows[0];
}

async function answer(id, response) {
  const client = await pool.connect(); // ← connection-leak
  const { rows } = await client.query('select $1::int as id where $1::int % 4 <> 0', [id]);
  if (rows.length === 0) {
    response.end('none');
    return;
  }
  response.end(JSON.stringify(rows[0]));
  client.release();
}

const server = http.createServer((request, response) => {
  const id = Number(request.url.split('/').at(-1));
  const answered = request.url.startsWith('/answer') ? answer(id, response) : find(id).then((row) => response.end(JSON.stringify(row)));
  answered.catch(() => response.end('none'));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const base = `http://127.0.0.1:${server.address().port}`;
for (let id = 1; id <= 8; id++) for (const path of ['find', 'answer']) await (await fetch(`${base}/${path}/${id}`)).text();
// Much longer than all before, however slow the machine is.
for (const end = Math.max(2, 5 * process.uptime()); process.uptime() < end; ) await sleep(100);
process.kill(process.pid, 'SIGTERM');
