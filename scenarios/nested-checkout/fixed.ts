// The same, whose function uses the connection that its caller has.
import { Pool, type PoolClient } from 'pg';
import { serve } from '../serve.js';
import { inTransaction } from '../transaction.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: Number(process.env['POOL_SIZE'] ?? 10), connectionTimeoutMillis: 1000 });

async function priceOf(client: PoolClient, article: string): Promise<number> {
  const { rows } = await client.query<{ price: number }>('select price from articles where name = $1', [article]);
  return rows[0]?.price ?? 0;
}

async function placeOrder(): Promise<string> {
  return await inTransaction(pool, async (client) => {
    await client.query('select from shops, pg_sleep(0.03)'); // takes a moment
    await client.query("insert into orders (article, price) values ('book', $1)", [await priceOf(client, 'book')]);
    return 'thank you';
  });
}

serve({ 'POST /orders': placeOrder }, () => pool.end());
