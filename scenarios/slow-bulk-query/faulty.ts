// A report and a page. The report reads a large table from end to end, and ten reports at a time take every connection.
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function report(): Promise<unknown> {
  const { rows } = await pool.query('select count(*), sum(amount) from sales where shop = $1', [7]); // ← the fault: no index on shop
  return rows[0];
}

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()');
  return rows[0];
}

serve({ 'GET /report': report, 'GET /page': showPage }, () => pool.end());
