// The same with one connection that listens for all.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Client, Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 60_000 });
const listener = new Client({ connectionString: process.env['DATABASE_URL'] });
const listening = new Set<ServerResponse>();

await listener.connect();
await listener.query('listen chat');
listener.on('notification', ({ payload }) => void tellAll(`data: ${payload}\n\n`));

async function tellAll(text: string): Promise<void> {
  let told = 0;
  for (const response of listening) {
    response.write(text);
    if ((told += 1) % 200 === 0) await nextTurn(); // others want to be served, too
  }
}

async function listen(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  listening.add(response);
  response.on('close', () => listening.delete(response));
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
}

async function say(): Promise<string> {
  await pool.query("select pg_notify('chat', 'hello')");
  return 'said';
}

serve({ 'GET /chat': listen, 'POST /messages': say }, () => Promise.all([pool.end(), listener.end()]));
