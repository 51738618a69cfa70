// Kysely: transactions, savepoints, connections, a full pool
// rules: await-in-transaction, connection-leak
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';

const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3, connectionTimeoutMillis: 10_000 }) }) });

async function transfer(from, to) {
  await db.transaction().setIsolationLevel('read committed').execute(async (trx) => {
    await trx.updateTable('accounts').set({ balance: sql`balance - 1` }).where('id', '=', from).execute();
    await trx.updateTable('accounts').set({ balance: sql`balance + 1` }).where('id', '=', to).execute();
    return trx.selectFrom('accounts').selectAll().execute();
  });
  await fetch(`${process.env.SERVICE_URL}/transferred`);
}

async function withSavepoint(id) {
  const trx = await db.startTransaction().execute();
  const before = await trx.savepoint('before').execute();
  await before.insertInto('accounts').values({ id, owner: 'twice' }).execute().catch(() => {});
  const after = await before.rollbackToSavepoint('before').execute();
  await after.selectFrom('accounts').selectAll().execute();
  await trx.commit().execute();
}

const session = () =>
  db.connection().execute(async (connection) => {
    await sql`set application_name to 'x'`.execute(connection);
    return connection.selectFrom('users').selectAll().execute();
  });

for (let round = 0; round < 3; round++) await Promise.all([transfer(1, 2), transfer(3, 4), withSavepoint(1), session()]);
await db.destroy();
