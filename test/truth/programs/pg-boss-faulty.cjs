// pg-boss: a handler holds a transaction open while it calls a service
// rules: await-in-transaction
const pgBoss = require('pg-boss');
const { Pool } = require('pg');

const PgBoss = pgBoss.PgBoss ?? pgBoss; // from version 11 on, and before
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

async function charge(id) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select total from orders where id = $1', [id]);
    await fetch(`${process.env.SERVICE_URL}/charge/${id}`); // ← await-in-transaction
    await client.query("update orders set status = 'charged' where id = $1", [id]);
    await client.query('commit');
  } finally {
    client.release();
  }
}

(async () => {
  const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, schedule: false, supervise: false });
  await boss.start();
  await boss.createQueue('charge');
  for (const id of [1, 2, 3]) await boss.send('charge', { id });
  let left = 3;
  await new Promise((resolve) => {
    void boss.work('charge', { pollingIntervalSeconds: 0.5, batchSize: 3 }, async (jobs) => {
      for (const { data } of jobs) await charge(data.id);
      left -= jobs.length;
      if (left === 0) resolve();
    });
  });
  await boss.stop();
  await pool.end();
})();
