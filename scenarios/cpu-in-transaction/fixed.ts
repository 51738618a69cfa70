// The same, which hashes first, and in a thread.
import { randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { inTransaction } from '../transaction.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

const hashPassword = promisify<string, Buffer, number, object, Buffer>(scrypt);

async function register(): Promise<string> {
  const hash = await hashPassword('a password', randomBytes(16), 64, { N: 131_072, maxmem: 256 * 1024 * 1024 });
  return await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>("insert into users (name) values ('Ada') returning id");
    await client.query('update users set hash = $1 where id = $2', [hash, rows[0]?.id]);
    return 'welcome';
  });
}

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()');
  return rows[0];
}

serve({ 'POST /users': register, 'GET /page': showPage }, () => pool.end());
