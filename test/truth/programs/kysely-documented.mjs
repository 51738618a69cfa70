// Kysely: a plugin and a logger, nested helpers, retries of a serialization failure, cursors
// rules: await-in-transaction, nested-checkout
import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import Cursor from 'pg-cursor';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8, connectionTimeoutMillis: 60_000 });
const db = new Kysely({ dialect: new PostgresDialect({ pool, cursor: Cursor }), plugins: [new CamelCasePlugin()], log: () => {} });

async function withRetry(body, tries = 3) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().setIsolationLevel('serializable').execute(body);
    } catch (error) {
      if (error.code !== '40001' || attempt === tries) throw error;
      await fetch(`${process.env.SERVICE_URL}/again`);
    }
  }
}

const findUser = (on, id) => on.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow(); // ← nested-checkout

let raised = 0;
const place = (user) =>
  withRetry(async (trx) => {
    await findUser(trx, user);
    const { id } = await trx.insertInto('orders').values({ userId: user, total: 1 }).returning('id').executeTakeFirstOrThrow();
    if (++raised % 2 === 1) await sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`.execute(trx);
    return id;
  });

const verify = (user) =>
  withRetry(async (trx) => {
    const { name } = await findUser(trx, user);
    await fetch(`${process.env.SERVICE_URL}/verify/${name}`); // ← await-in-transaction
    return trx.selectFrom('orders').selectAll().execute();
  });

const forgotten = (user) =>
  withRetry(async (trx) => {
    await trx.selectFrom('orders').selectAll().execute();
    await findUser(db, user);
    await trx.selectFrom('orders').selectAll().execute();
  });

const together = () =>
  db.transaction().execute(async (trx) => {
    await Promise.all([1, 2, 3].map((id) => sql`select pg_sleep(0.02), ${id}::int`.execute(trx)));
  });

async function streamed() {
  for await (const { id } of db.selectFrom('users').selectAll().stream(2)) id;
}

for (let round = 0; round < 3; round++) await Promise.all([place(1), verify(2), forgotten(3), together(), streamed()]);
await db.destroy();
