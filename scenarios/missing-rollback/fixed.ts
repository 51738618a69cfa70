// The same, which rolls back first.
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function register(): Promise<string> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query("insert into users (name) values ('Ada')");
    await client.query('commit');
    return 'welcome';
  } catch (error) {
    await client.query('rollback');
    if (error instanceof Error && 'code' in error && error.code === '23505') return 'that name is taken';
    throw error;
  } finally {
    client.release();
  }
}

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()');
  return rows[0];
}

serve({ 'POST /users': register, 'GET /page': showPage }, () => pool.end());
