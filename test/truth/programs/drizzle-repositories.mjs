// Drizzle and Kysely: a forgotten transaction in functions of all styles
// rules: nested-checkout
import { drizzle } from 'drizzle-orm/node-postgres';
import { sql, eq } from 'drizzle-orm';
import { pgTable, serial, text, integer } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { Kysely, PostgresDialect } from 'kysely';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const audit = pgTable('audit', { id: serial('id').primaryKey(), what: text('what'), orderId: integer('order_id') });
const db = drizzle(pool);
const kysely = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 }) }) });
async function add(what) {
  return db.insert(audit).values({ what }); // ← nested-checkout
}
async function addAwait(what) {
  await db.insert(audit).values({ what }); // ← nested-checkout
}
async function addReturning(what) {
  const rows = await db.insert(audit).values({ what }).returning(); // ← nested-checkout
  return rows[0];
}
async function raw(what) {
  await db.execute(sql`insert into audit (what) values (${what})`); // ← nested-checkout
}
async function kadd(what) {
  return kysely.insertInto('audit').values({ what }).execute(); // ← nested-checkout
}
async function kfirst() {
  return await kysely.selectFrom('audit').selectAll().limit(1).executeTakeFirst(); // ← nested-checkout
}
for (let i = 0; i < 4; i++) {
  await db.transaction(async (tx) => { await tx.select().from(audit).limit(1); await add('1'); await tx.select().from(audit).limit(1); });
  await db.transaction(async (tx) => { await tx.select().from(audit).limit(1); await addAwait('1'); await tx.select().from(audit).limit(1); });
  await db.transaction(async (tx) => { await tx.select().from(audit).limit(1); await addReturning('1'); await tx.select().from(audit).limit(1); });
  await db.transaction(async (tx) => { await tx.select().from(audit).limit(1); await raw('1'); await tx.select().from(audit).limit(1); });
  await kysely.transaction().execute(async (trx) => { await trx.selectFrom('audit').selectAll().limit(1).execute(); await kadd('2'); await trx.selectFrom('audit').selectAll().limit(1).execute(); });
  await kysely.transaction().execute(async (trx) => { await trx.selectFrom('audit').selectAll().limit(1).execute(); await kfirst(); await trx.selectFrom('audit').selectAll().limit(1).execute(); });
}
await pool.end(); await kysely.destroy();
