// A service with a pool of twenty, none of which is ever used up: the five connections that count are behind PgBouncer.
import { setTimeout as otherWork } from 'node:timers/promises';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { inTransaction } from '../transaction.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 20, connectionTimeoutMillis: 5000 });

async function answer(): Promise<unknown> {
  return await inTransaction(pool, async (client) => {
    const { rows } = await client.query('select now()');
    await otherWork(50); // ← the fault: keeps one of PgBouncer's connections for itself
    return rows[0];
  });
}

serve({ 'GET /time': answer }, () => pool.end());
