// Drizzle: relational queries, savepoints, rollback, prepared statements, replicas; db in a repository, a loop over a relation
// rules: await-in-transaction, nested-checkout, repeated-query
const { drizzle } = require('drizzle-orm/node-postgres');
const { eq, relations, sql } = require('drizzle-orm');
const { integer, pgTable, serial, text, withReplicas } = require('drizzle-orm/pg-core');

const users = pgTable('users', { id: serial('id').primaryKey(), name: text('name').notNull(), email: text('email') });
const orders = pgTable('orders', { id: serial('id').primaryKey(), userId: integer('user_id'), total: integer('total').notNull().default(0), status: text('status') });
const usersRelations = relations(users, ({ many }) => ({ orders: many(orders) }));
const ordersRelations = relations(orders, ({ one }) => ({ user: one(users, { fields: [orders.userId], references: [users.id] }) }));
const schema = { users, orders, usersRelations, ordersRelations };

const connection = { connectionString: process.env.DATABASE_URL, max: 8 };
const primary = drizzle({ connection, schema });
const replica = drizzle({ connection, schema });
const db = withReplicas(primary, [replica]);
const byId = primary.select().from(users).where(eq(users.id, sql.placeholder('id'))).prepare('by_id');

class Orders {
  async total(userId) {
    const [{ sum }] = await primary.select({ sum: sql`sum(${orders.total})` }).from(orders).where(eq(orders.userId, userId)); // ← nested-checkout
    return sum;
  }
}
const repository = new Orders();

const pay = (id) =>
  primary.transaction(async (tx) => {
    const order = await tx.query.orders.findFirst({ where: eq(orders.id, id), with: { user: true } });
    await tx.transaction(async (savepoint) => {
      await savepoint.update(orders).set({ status: 'paying' }).where(eq(orders.id, id));
      await fetch(`${process.env.SERVICE_URL}/pay/${order.user.name}`); // ← await-in-transaction
    });
    await tx.update(orders).set({ status: 'paid' }).where(eq(orders.id, id));
  }, { isolationLevel: 'read committed' });

const checked = (id) =>
  primary.transaction(async (tx) => {
    await tx.update(users).set({ email: 'x' }).where(eq(users.id, id));
    await repository.total(id);
    await tx.update(users).set({ email: 'y' }).where(eq(users.id, id));
  });

const refused = () =>
  primary
    .transaction(async (tx) => {
      await tx.insert(users).values({ name: 'nobody' });
      tx.rollback();
    })
    .catch(() => fetch(`${process.env.SERVICE_URL}/refused`));

async function read() {
  await db.query.users.findMany({ with: { orders: true }, limit: 3 });
  await byId.execute({ id: 1 });
  await db.$primary.select().from(users).limit(1);
}

const loadEach = () =>
  primary.transaction(async (tx) => {
    for (const { id } of await tx.select().from(users)) {
      await tx.query.orders.findMany({ where: eq(orders.userId, id) }); // ← repeated-query
    }
  });

(async () => {
  await primary.insert(users).values(Array.from({ length: 12 }, (_, index) => ({ name: `new ${index}` })));
  for (let round = 0; round < 3; round++) await Promise.all([pay(1), pay(2), checked(3), refused(), read()]);
  await loadEach();
  await Promise.all([primary.$client.end(), replica.$client.end()]);
})();
