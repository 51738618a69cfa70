// The same, whose insert returns what the server filled in: one statement, one transaction.
import { setTimeout as renderConfirmation } from 'node:timers/promises';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { Session } from './session.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function placeOrder(): Promise<unknown> {
  const session = new Session(pool);
  try {
    const [order] = await session.query("insert into orders (article) values ('book') returning id, ordered_at");
    await session.commit();
    await renderConfirmation(80);
    return order;
  } finally {
    await session.commit();
  }
}

serve({ 'POST /orders': placeOrder }, () => pool.end());
