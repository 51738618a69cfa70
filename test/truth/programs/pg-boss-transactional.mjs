// pg-boss: workers in a transaction of its own, jobs sent within a transaction of Kysely and beside it
// rules: await-in-transaction, nested-checkout
// needs: pg-boss 12.36
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { PgBoss, fromKysely } from 'pg-boss';

const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 }) }) });
const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, schedule: false, supervise: false });
await boss.start();
await boss.createQueue('charge');
await boss.createQueue('mail');

async function place(user) {
  await db.transaction().execute(async (trx) => {
    await trx.insertInto('orders').values({ user_id: user, total: 1 }).execute();
    await boss.send('charge', { id: user }, { db: fromKysely(trx) });
  });
}

async function placeBeside(user) {
  await db.transaction().execute(async (trx) => {
    await trx.insertInto('orders').values({ user_id: user, total: 2 }).execute();
    await boss.send('mail', { user }); // ← await-in-transaction, nested-checkout
    await trx.updateTable('users').set({ email: 'x' }).where('id', '=', user).execute();
  });
}

for (const user of [1, 2, 3]) await place(user);
for (const user of [1, 2, 3]) await placeBeside(user);

let left = 6;
await new Promise((resolve) => {
  const done = (jobs) => (left -= jobs.length) === 0 && resolve();
  void boss.work('charge', { pollingIntervalSeconds: 0.5, transactional: true }, async (jobs, tx) => {
    for (const { data } of jobs) {
      await fetch(`${process.env.SERVICE_URL}/charge/${data.id}`); // ← await-in-transaction
      await tx.executeSql("update orders set status = 'charged' where user_id = $1", [data.id]);
    }
    done(jobs);
  });
  void boss.work('mail', { pollingIntervalSeconds: 0.5, batchSize: 3, transactional: true }, async (jobs, tx) => {
    for (const { data } of jobs) await tx.executeSql('insert into audit (what) values ($1)', [`mail ${data.user}`]);
    done(jobs);
  });
});
await boss.stop();
await db.destroy();
