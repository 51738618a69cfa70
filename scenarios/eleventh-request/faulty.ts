// A service with a pool of ten. Ask it for ten answers at a time, then for eleven.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
// Stands for whatever a request does besides its queries: calls another service, sends a mail, renders an invoice.
import { setTimeout as otherWork } from 'node:timers/promises';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: Number(process.env['POOL_SIZE'] ?? 10) });

async function answer(): Promise<string> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query('select now()');
    await otherWork(100); // ← the fault: the transaction is open, and its connection idle
    await client.query('commit');
    return JSON.stringify(rows);
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

const server = createServer((_request, response) => {
  answer().then(
    (body) => response.end(body),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});

server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

process.once('SIGTERM', () => server.close(() => void pool.end()));
