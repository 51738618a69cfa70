// The same, which exchanges the code first; then comes the transaction.
import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { inTransaction } from '../transaction.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function logIn(): Promise<string> {
  const code = randomUUID();
  const response = await fetch(`${process.env['TOKEN_URL']}/token`, { method: 'POST' });
  const { access_token } = (await response.json()) as { access_token: string };
  return await inTransaction(pool, async (client) => {
    const { rows } = await client.query('insert into logins (code) values ($1) returning id', [code]);
    await client.query('update logins set token = $1 where id = $2', [access_token, rows[0]?.id]);
    return 'welcome';
  });
}

async function showProfile(): Promise<unknown> {
  const { rows } = await pool.query('select name from users where id = $1', [1]);
  return rows[0];
}

serve({ 'POST /login': logIn, 'GET /profile': showProfile }, () => pool.end());
