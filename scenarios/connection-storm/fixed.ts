// The same, which opens its connections before the first request, and keeps them.
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({
  connectionString: process.env['DATABASE_URL'],
  max: 10,
  min: 10, // a warm minimum
  idleTimeoutMillis: 100,
  connectionTimeoutMillis: 5000,
});

const clients = await Promise.all(Array.from({ length: 10 }, () => pool.connect()));
for (const client of clients) client.release();

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()');
  return rows[0];
}

serve({ 'GET /page': showPage }, () => pool.end());
