// Kysely: db instead of trx, a slow call, a transaction by hand
// rules: await-in-transaction, nested-checkout
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8, connectionTimeoutMillis: 60_000 }) }) });

async function pay(id) {
  await db.transaction().execute(async (trx) => {
    const order = await trx.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    await fetch(`${process.env.SERVICE_URL}/pay/${order.total}`); // ← await-in-transaction
    await trx.updateTable('orders').set({ status: 'paid' }).where('id', '=', id).execute();
  });
}

async function rename(id) {
  await db.transaction().execute(async (trx) => {
    await trx.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    await db.selectFrom('users').select(sql`count(*)`.as('count')).execute(); // ← nested-checkout
    await trx.updateTable('users').set({ email: 'x' }).where('id', '=', id).execute();
  });
}

async function controlled(id) {
  const trx = await db.startTransaction().execute();
  try {
    await trx.selectFrom('users').selectAll().where('id', '=', id).execute();
    await sleep(15); // ← await-in-transaction
    await trx.updateTable('users').set({ email: 'y' }).where('id', '=', id).execute();
    await trx.commit().execute();
  } catch (error) {
    await trx.rollback().execute();
    throw error;
  }
}

for (let round = 0; round < 3; round++) await Promise.all([pay(1), pay(2), rename(3), controlled(1)]);
await db.destroy();
