// Who orders something gets a mail that says so.
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { inTransaction } from '../transaction.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function placeOrder(): Promise<string> {
  return await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>("insert into orders (article) values ('book') returning id");
    await fetch(`${process.env['MAIL_URL']}/send`, { method: 'POST', body: `order ${rows[0]?.id}` }); // ← the fault: and if the commit fails, the mail is out
    return 'thank you';
  });
}

serve({ 'POST /orders': placeOrder }, () => pool.end());
