// Drizzle: transactions, savepoints, prepared statements, a full pool
// rules: await-in-transaction, connection-leak
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, serial, text } from 'drizzle-orm/pg-core';
import pg from 'pg';

const accounts = pgTable('accounts', { id: serial().primaryKey(), owner: text().notNull(), balance: integer().notNull() });

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3, connectionTimeoutMillis: 10_000 });
const db = drizzle(pool);
const byId = db.select().from(accounts).where(eq(accounts.id, sql.placeholder('id'))).prepare('by_id');

async function transfer(from, to) {
  await db.transaction(async (tx) => {
    const [account] = await tx.select().from(accounts).where(eq(accounts.id, from)).for('update');
    if (account.balance < 1) tx.rollback();
    await tx.update(accounts).set({ balance: sql`${accounts.balance} - 1` }).where(eq(accounts.id, from));
    await tx.transaction(async (nested) => {
      await nested.update(accounts).set({ balance: sql`${accounts.balance} + 1` }).where(eq(accounts.id, to));
    });
    await tx
      .transaction(async (nested) => {
        await nested.insert(accounts).values({ id: to, owner: 'twice', balance: 0 });
      })
      .catch(() => {});
  });
  const [{ balance }] = await byId.execute({ id: from });
  await fetch(`${process.env.SERVICE_URL}/balance/${balance}`);
}

for (let round = 0; round < 3; round++) await Promise.all([transfer(1, 2), transfer(3, 4), transfer(1, 2), byId.execute({ id: 1 })]);
await pool.end();
