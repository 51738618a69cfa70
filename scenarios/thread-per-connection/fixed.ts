// The same with one thread and one asynchronous pool: a connection is held for its statements, and no longer.
import { setTimeout as otherWork } from 'node:timers/promises';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { inTransaction } from '../transaction.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function answer(): Promise<unknown> {
  const { rows } = await inTransaction(pool, (client) => client.query('select now()'));
  await otherWork(50);
  return rows[0];
}

serve({ 'GET /time': answer, 'GET /memory': () => `${Math.round(process.memoryUsage().rss / 1e6)} MB of memory` }, () => pool.end());
