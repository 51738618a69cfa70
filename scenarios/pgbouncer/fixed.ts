// The same, whose transactions are short: PgBouncer gives the connection to the next one at once.
import { setTimeout as otherWork } from 'node:timers/promises';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { inTransaction } from '../transaction.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 20, connectionTimeoutMillis: 5000 });

async function answer(): Promise<unknown> {
  const { rows } = await inTransaction(pool, (client) => client.query('select now()'));
  await otherWork(50);
  return rows[0];
}

serve({ 'GET /time': answer }, () => pool.end());
