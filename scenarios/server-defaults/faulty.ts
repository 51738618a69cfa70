// Stores an order, and confirms it with the number and the date that the database filled in.
import { setTimeout as renderConfirmation } from 'node:timers/promises';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { Session } from './session.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function placeOrder(): Promise<unknown> {
  const session = new Session(pool);
  try {
    await session.query("insert into orders (article) values ('book')");
    await session.commit();
    // Reads back what the server filled in. The session has no transaction any more, so it begins a second one …
    const [order] = await session.query('select id, ordered_at from orders order by id desc limit 1');
    await renderConfirmation(80); // ← the fault: … which nobody has in mind, and which is open all the while
    return order;
  } finally {
    await session.commit();
  }
}

serve({ 'POST /orders': placeOrder }, () => pool.end());
