// MikroORM: a transaction that is not ended on every way, lazy loading
// rules: connection-leak, repeated-query
import { EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import { setTimeout as sleep } from 'node:timers/promises';

const Order = new EntitySchema({
  name: 'Order',
  tableName: 'orders',
  properties: { id: { type: 'number', primary: true }, total: { type: 'number' }, user: { kind: 'm:1', entity: () => User, fieldName: 'user_id' } },
});
const User = new EntitySchema({
  name: 'User',
  tableName: 'users',
  properties: { id: { type: 'number', primary: true }, name: { type: 'string' }, orders: { kind: '1:m', entity: () => Order, mappedBy: 'user' } },
});

const orm = await MikroORM.init({ entities: [User, Order], clientUrl: process.env.DATABASE_URL, pool: { min: 0, max: 6 } });

async function rename(id, name) {
  const em = orm.em.fork();
  await em.begin(); // ← connection-leak
  const user = await em.findOne(User, id);
  if (user === null) return;
  user.name = name;
  await em.commit();
}

async function totals() {
  await orm.em.fork().transactional(async (em) => {
    for (const user of await em.find(User, {})) {
      await user.orders.loadItems(); // ← repeated-query
    }
  });
}

const em = orm.em.fork();
for (let index = 0; index < 12; index++) em.create(User, { name: `new ${index}` });
await em.flush();
await Promise.all([rename(1, 'a'), rename(99, 'b'), totals()]);
// Much longer than all before, however slow the machine is.
await sleep(Math.max(4000, 4000 * process.uptime()));
process.exit(0);
