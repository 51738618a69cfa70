// The same, with one query for all shops.
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function showDashboard(): Promise<unknown[]> {
  const { rows } = await pool.query('select shop, sum(amount) from sales where shop < 40 group by shop order by shop');
  return rows;
}

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()');
  return rows[0];
}

serve({ 'GET /dashboard': showDashboard, 'GET /page': showPage }, () => pool.end());
