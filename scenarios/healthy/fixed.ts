// A service as it should be: short transactions that wait for nothing but their database, at full load.
import { setTimeout as otherWork } from 'node:timers/promises';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { inTransaction } from '../transaction.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function placeOrder(): Promise<{ id: number }> {
  const order = await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: number }>('insert into orders (article) values ($1) returning id', ['book']);
    await client.query('insert into log (message) values ($1)', ['ordered']);
    return rows[0] ?? { id: 0 };
  });
  await otherWork(5); // the transaction has ended
  return order;
}

async function listOrders(): Promise<unknown[]> {
  const { rows } = await pool.query('select id, article from orders order by id desc limit 10');
  return rows;
}

serve({ 'POST /orders': placeOrder, 'GET /orders': listOrders }, () => pool.end());
