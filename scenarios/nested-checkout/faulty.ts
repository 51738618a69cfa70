// Takes an order. It needs the price, and for that there is a function.
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { inTransaction } from '../transaction.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: Number(process.env['POOL_SIZE'] ?? 10), connectionTimeoutMillis: 1000 });

async function priceOf(article: string): Promise<number> {
  const { rows } = await pool.query<{ price: number }>('select price from articles where name = $1', [article]); // ← the fault: a second connection, while the first is held
  return rows[0]?.price ?? 0;
}

async function placeOrder(): Promise<string> {
  return await inTransaction(pool, async (client) => {
    await client.query('select from shops, pg_sleep(0.03)'); // takes a moment
    await client.query("insert into orders (article, price) values ('book', $1)", [await priceOf('book')]);
    return 'thank you';
  });
}

serve({ 'POST /orders': placeOrder }, () => pool.end());
