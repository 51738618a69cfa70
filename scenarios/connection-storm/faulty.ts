// Connections that are idle for a moment are closed. So each burst of requests has to open them anew.
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({
  connectionString: process.env['DATABASE_URL'],
  max: 10,
  idleTimeoutMillis: 100, // keeps no connection for the next burst
  connectionTimeoutMillis: 800,
});

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()'); // ← the fault: waits for a connection to be opened
  return rows[0];
}

serve({ 'GET /page': showPage }, () => pool.end());
