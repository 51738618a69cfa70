// The same, page by page: between two pages the connection serves others.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function exportLines(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  let last = 0;
  for (;;) {
    const { rows } = await pool.query<{ id: number; line: string }>('select id, line from lines where id > $1 order by id limit 500', [last]);
    if (rows.length === 0) break;
    last = rows.at(-1)?.id ?? last;
    const hasRoom = response.write(rows.map(({ line }) => line).join('\n'));
    if (!hasRoom) await once(response, 'drain');
  }
  response.end();
}

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()');
  return rows[0];
}

serve({ 'GET /export': exportLines, 'GET /page': showPage }, () => pool.end());
