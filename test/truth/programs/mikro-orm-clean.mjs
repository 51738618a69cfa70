// MikroORM: units of work, nested transactions, a full pool
// rules: await-in-transaction, connection-leak
import { EntitySchema, MikroORM } from '@mikro-orm/postgresql';

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

const orm = await MikroORM.init({ entities: [User, Order], clientUrl: process.env.DATABASE_URL, pool: { min: 0, max: 3 } });

async function register(name) {
  const em = orm.em.fork();
  const user = em.create(User, { name });
  em.create(Order, { total: 1, user });
  await em.flush();
  await fetch(`${process.env.SERVICE_URL}/registered/${user.id}`);
  await em.transactional(async (inner) => {
    const again = await inner.findOneOrFail(User, user.id, { populate: ['orders'] });
    await inner.transactional(async (nested) => {
      (await nested.findOneOrFail(Order, again.orders[0].id)).total = 2;
    });
    again.name += '!';
  });
}

const list = () => orm.em.fork().find(User, {}, { populate: ['orders'], limit: 3 });

for (let round = 0; round < 3; round++) await Promise.all([register('a'), register('b'), list(), list(), register('c')]);
await orm.close();
