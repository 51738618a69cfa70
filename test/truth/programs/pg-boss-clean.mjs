// pg-boss: its own polling and maintenance, a handler that needs no transaction
// rules: await-in-transaction, connection-leak
import * as pgBoss from 'pg-boss';

const PgBoss = pgBoss.PgBoss ?? pgBoss.default; // from version 11 on, and before
const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, max: 3 });
await boss.start();
await boss.createQueue('mail');
for (const user of [1, 2, 3]) await boss.send('mail', { user });

let left = 3;
await new Promise((resolve) => {
  void boss.work('mail', { pollingIntervalSeconds: 0.5, batchSize: 2 }, async (jobs) => {
    for (const { data } of jobs) await fetch(`${process.env.SERVICE_URL}/mail/${data.user}`);
    left -= jobs.length;
    if (left === 0) resolve();
  });
});
await boss.stop({ graceful: true });
