// Drizzle: a statement for each row, begin and commit without a transaction, a client that is not always released
// rules: connection-leak, repeated-query, transaction-on-pool
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, serial } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

const orders = pgTable('orders', { id: serial().primaryKey(), userId: integer('user_id') });
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8, connectionTimeoutMillis: 60_000 });
const db = drizzle(pool);

const loadEach = (count) =>
  db.transaction(async (tx) => {
    for (let id = 1; id <= count; id++) {
      await tx.select().from(orders).where(eq(orders.userId, id)); // ← repeated-query
    }
  });

async function byHand() {
  await db.execute(sql`begin`); // ← transaction-on-pool
  await db.execute(sql`select 1`);
  await db.execute(sql`commit`);
}

async function find(id) {
  const client = await pool.connect(); // ← connection-leak
  const rows = await drizzle(client).select().from(orders).where(eq(orders.id, id));
  if (rows.length === 0) return;
  client.release();
}

await loadEach(15);
await byHand();
await Promise.all([find(1), find(99)]);
// Much longer than all before, however slow the machine is.
await sleep(Math.max(4000, 4000 * process.uptime()));
process.exit(0);
