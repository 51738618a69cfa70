// Drizzle: db instead of tx, a slow call
// rules: await-in-transaction, nested-checkout
import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, serial, text } from 'drizzle-orm/pg-core';
import pg from 'pg';

const users = pgTable('users', { id: serial().primaryKey(), name: text().notNull(), email: text() });
const orders = pgTable('orders', { id: serial().primaryKey(), userId: integer('user_id'), total: integer().notNull(), status: text() });

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8, connectionTimeoutMillis: 60_000 });
const db = drizzle(pool);

async function pay(id) {
  await db.transaction(async (tx) => {
    const [order] = await tx.select().from(orders).where(eq(orders.id, id));
    await fetch(`${process.env.SERVICE_URL}/pay`, { method: 'POST', body: String(order.total) }); // ← await-in-transaction
    await tx.update(orders).set({ status: 'paid' }).where(eq(orders.id, id));
  });
}

async function rename(id) {
  await db.transaction(async (tx) => {
    const [user] = await tx.select().from(users).where(eq(users.id, id));
    const count = await db.$count(users); // ← nested-checkout
    await tx.update(users).set({ name: `${user.name}${count}` }).where(eq(users.id, id));
  });
}

for (let round = 0; round < 3; round++) await Promise.all([pay(1), pay(2), rename(3)]);
await pool.end();
