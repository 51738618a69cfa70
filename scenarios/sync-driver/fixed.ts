// The same, which awaits the answer.
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function showReport(): Promise<unknown> {
  const { rows } = await pool.query('select count(*) from sales, pg_sleep(0.12)');
  return rows[0];
}

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()');
  return rows[0];
}

serve({ 'GET /report': showReport, 'GET /page': showPage }, () => pool.end());
