// The same, which only notes in its transaction that a mail is to be sent. A queue on the same PostgreSQL sends it.
import { run } from 'graphile-worker';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { inTransaction } from '../transaction.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function placeOrder(): Promise<string> {
  return await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>("insert into orders (article) values ('book') returning id");
    await client.query("select graphile_worker.add_job('send_mail', $1)", [{ order: rows[0]?.id }]);
    return 'thank you';
  });
}

const worker = await run({
  connectionString: process.env['DATABASE_URL'] ?? '',
  concurrency: 10,
  noHandleSignals: true,
  taskList: {
    send_mail: async (job) => {
      await fetch(`${process.env['MAIL_URL']}/send`, { method: 'POST', body: JSON.stringify(job) });
    },
  },
});

serve({ 'POST /orders': placeOrder }, async () => {
  await worker.stop();
  await pool.end();
});
