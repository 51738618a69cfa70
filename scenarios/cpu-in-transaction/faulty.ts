// Registers users. The hash of a password is made to take time.
import { randomBytes, scryptSync } from 'node:crypto';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { inTransaction } from '../transaction.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function register(): Promise<string> {
  return await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>("insert into users (name) values ('Ada') returning id");
    const hash = scryptSync('a password', randomBytes(16), 64, { N: 131_072, maxmem: 256 * 1024 * 1024 }); // ← the fault: nothing else runs meanwhile, and the transaction is open
    await client.query('update users set hash = $1 where id = $2', [hash, rows[0]?.id]);
    return 'welcome';
  });
}

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()');
  return rows[0];
}

serve({ 'POST /users': register, 'GET /page': showPage }, () => pool.end());
