// The same, with an index, and reports in a pool of their own: whatever they do, pages do not wait for them.
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });
const reports = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

await pool.query('create index on sales (shop) include (amount)');

async function report(): Promise<unknown> {
  const { rows } = await reports.query('select count(*), sum(amount) from sales where shop = $1', [7]);
  return rows[0];
}

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()');
  return rows[0];
}

serve({ 'GET /report': report, 'GET /page': showPage }, () => Promise.all([pool.end(), reports.end()]));
