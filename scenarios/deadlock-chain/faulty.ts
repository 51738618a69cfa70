// Moves money between accounts, and tries again when PostgreSQL ends a deadlock.
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });
let transfers = 0;

async function transfer(): Promise<string> {
  const pair = (transfers += 1) % 6;
  const [from, to] = pair < 3 ? [pair, pair + 3] : [pair, pair - 3]; // there and back
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const client = await pool.connect();
    try {
      await client.query('begin'); // ← the transaction
      await client.query('update accounts set balance = balance - 1 where id = $1', [from]);
      await client.query('update accounts set balance = balance + 1 where id = $1', [to]); // ← the fault: A to B locks in one order, B to A in the other
      await client.query('commit');
      return 'done';
    } catch (error) {
      await client.query('rollback');
      if (!(error instanceof Error && 'code' in error && error.code === '40P01')) throw error;
    } finally {
      client.release();
    }
  }
  throw new Error('five deadlocks in a row');
}

serve({ 'POST /transfers': transfer }, () => pool.end());
