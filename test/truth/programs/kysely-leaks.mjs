// Kysely: a controlled transaction that is not ended on every way, a statement for each row
// rules: connection-leak, repeated-query
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8, connectionTimeoutMillis: 60_000 }) }) });

async function rename(id, name) {
  const trx = await db.startTransaction().execute(); // ← connection-leak
  const user = await trx.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  if (user === undefined) return;
  await trx.updateTable('users').set({ name }).where('id', '=', id).execute();
  await trx.commit().execute();
}

const loadEach = (count) =>
  db.transaction().execute(async (trx) => {
    for (let id = 1; id <= count; id++) {
      await trx.selectFrom('orders').selectAll().where('user_id', '=', id).execute(); // ← repeated-query
    }
  });

await Promise.all([rename(1, 'a'), rename(99, 'b'), loadEach(15)]);
// Much longer than all before, however slow the machine is.
await sleep(Math.max(4000, 4000 * process.uptime()));
process.exit(0);
