// The same, which gives the connection back whatever happens.
import type { IncomingMessage } from 'node:http';
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 1000 });

async function showOrder({ url }: IncomingMessage): Promise<unknown> {
  const id = new URL(url ?? '', 'http://localhost').searchParams.get('id');
  const client = await pool.connect();
  try {
    const { rows } = await client.query('select id, article from orders where id = $1', [id]);
    if (rows[0] === undefined) return 'there is no such order';
    const { rows: items } = await client.query('select count(*) from items where order_id = $1', [id]);
    return { ...rows[0], ...items[0] };
  } finally {
    client.release();
  }
}

serve({ 'GET /order': showOrder }, () => pool.end());
