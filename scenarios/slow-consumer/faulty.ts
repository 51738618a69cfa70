// Exports a large table, as fast as the client reads it.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Pool } from 'pg';
import Cursor from 'pg-cursor';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function exportLines(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  const client = await pool.connect();
  try {
    const cursor = client.query(new Cursor<{ line: string }>('select line from lines order by id'));
    for (;;) {
      const rows = await cursor.read(500);
      if (rows.length === 0) break;
      const hasRoom = response.write(rows.map(({ line }) => line).join('\n'));
      if (!hasRoom) await once(response, 'drain'); // ← the fault: the connection is held at the client's pace
    }
    response.end();
  } finally {
    client.release();
  }
}

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()');
  return rows[0];
}

serve({ 'GET /export': exportLines, 'GET /page': showPage }, () => pool.end());
