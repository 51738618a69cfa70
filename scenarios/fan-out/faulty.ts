// A dashboard of all shops: one query a shop, all at once. One request asks for forty connections.
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });
const SHOPS = Array.from({ length: 40 }, (_, shop) => shop);

async function showDashboard(): Promise<unknown[]> {
  const results = await Promise.all(SHOPS.map((shop) => pool.query('select sum(amount) from sales where shop = $1', [shop]))); // ← the fault: each takes a connection
  return results.map(({ rows }) => rows[0]);
}

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()');
  return rows[0];
}

serve({ 'GET /dashboard': showDashboard, 'GET /page': showPage }, () => pool.end());
