// A chat. Whoever listens has a connection to the database that listens for them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 60_000 });

async function listen(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  const client = await pool.connect(); // ← the fault: held for as long as somebody listens
  client.on('notification', ({ payload }) => response.write(`data: ${payload}\n\n`));
  response.on('close', () => client.release(true));
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  await client.query('listen chat');
}

async function say(): Promise<string> {
  await pool.query("select pg_notify('chat', 'hello')");
  return 'said';
}

serve({ 'GET /chat': listen, 'POST /messages': say }, () => pool.end());
