// MikroORM 7: entities by defineEntity, request contexts, propagation, Kysely, streams, transactions by hand
// rules: await-in-transaction, nested-checkout, repeated-query, connection-leak
// needs: @mikro-orm/core 7.0.0
import { MikroORM, RequestContext, TransactionPropagation, defineEntity, p } from '@mikro-orm/postgresql';
import { setTimeout as sleep } from 'node:timers/promises';

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: { id: p.integer().primary(), name: p.string(), email: p.string().nullable(), orders: () => p.oneToMany(Order).mappedBy('user') },
});
class User extends UserSchema.class {}
UserSchema.setClass(User);

const OrderSchema = defineEntity({
  name: 'Order',
  tableName: 'orders',
  properties: { id: p.integer().primary(), total: p.integer(), status: p.string().nullable(), user: () => p.manyToOne(User).inversedBy('orders').fieldName('user_id') },
});
class Order extends OrderSchema.class {}
OrderSchema.setClass(Order);

const orm = await MikroORM.init({ entities: [User, Order], clientUrl: process.env.DATABASE_URL, pool: { min: 0, max: 10 } });
const inRequest = (body) => RequestContext.create(orm.em, body);

const pay = (id) =>
  orm.em.transactional(async (em) => {
    const order = await em.findOneOrFail(Order, id, { populate: ['user'] });
    await fetch(`${process.env.SERVICE_URL}/pay/${order.total}`); // ← await-in-transaction
    order.status = 'paid';
  });

const audited = (id) =>
  orm.em.transactional(async (em) => {
    const user = await em.findOneOrFail(User, id);
    await em.transactional((own) => own.insert(Order, { total: 3, user: id }), { propagation: TransactionPropagation.REQUIRES_NEW }); // ← nested-checkout
    user.email = 'audited';
  });

const counted = (id) =>
  orm.em.transactional(async (em) => {
    const user = await em.findOneOrFail(User, id);
    await em.getKysely().selectFrom('orders').selectAll().execute();
    await em.fork().getKysely().selectFrom('users').selectAll().execute(); // ← nested-checkout
    user.name += '.';
  });

async function byHand(id) {
  const em = orm.em.fork();
  await em.begin();
  try {
    const user = await em.findOneOrFail(User, id);
    await sleep(15); // ← await-in-transaction
    user.email = 'by hand';
    await em.commit();
  } catch (error) {
    await em.rollback();
    throw error;
  }
}

const nested = (id) =>
  orm.em.transactional(async (em) => {
    const user = await em.findOneOrFail(User, id, { populate: ['orders'] });
    await em.transactional(async (inner) => void inner.create(Order, { total: 4, user }));
  });

async function read() {
  const em = orm.em.fork();
  for await (const user of em.stream(User, { orderBy: { id: 'asc' } })) user.name;
  await em.createQueryBuilder(User, 'u').select('*').where({ id: { $gt: 0 } }).getResult();
}

async function totals() {
  await orm.em.transactional(async (em) => {
    for (const user of await em.find(User, {})) {
      await user.orders.loadItems(); // ← repeated-query
    }
  });
}

async function leaks(id) {
  const em = orm.em.fork();
  await em.begin(); // ← connection-leak
  if ((await em.findOne(User, id)) === null) return;
  await em.commit();
}

for (let index = 0; index < 12; index++) await orm.em.fork().insert(User, { name: `new ${index}` });
for (let round = 0; round < 2; round++) await Promise.all([inRequest(() => pay(1)), inRequest(() => pay(2)), inRequest(() => audited(1)), inRequest(() => counted(2)), byHand(3), inRequest(() => nested(2)), read()]);
await inRequest(totals);
await Promise.all([leaks(1), leaks(999)]);
await sleep(Math.max(4000, 4000 * process.uptime()));
process.exit(0);
