// TypeORM: lazy relations, query builders, streams, savepoints, a custom repository without the transaction's manager, a runner not released
// rules: await-in-transaction, nested-checkout, repeated-query, connection-leak
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, EntitySchema } from 'typeorm';

const User = new EntitySchema({
  name: 'User',
  tableName: 'users',
  columns: { id: { type: Number, primary: true, generated: true }, name: { type: String }, email: { type: String, nullable: true } },
  relations: { orders: { type: 'one-to-many', target: 'Order', inverseSide: 'user', lazy: true } },
});
const Order = new EntitySchema({
  name: 'Order',
  tableName: 'orders',
  columns: { id: { type: Number, primary: true, generated: true }, total: { type: Number }, status: { type: String, nullable: true } },
  relations: { user: { type: 'many-to-one', target: 'User', joinColumn: { name: 'user_id' }, inverseSide: 'orders' } },
});

const dataSource = new DataSource({ type: 'postgres', url: process.env.DATABASE_URL, entities: [User, Order], poolSize: 10 });
await dataSource.initialize();

const Users = dataSource.getRepository(User).extend({
  async findByName(name) {
    return this.createQueryBuilder('user').where('user.name = :name', { name }).getMany(); // ← nested-checkout
  },
});

const pay = (id) =>
  dataSource.transaction('READ COMMITTED', async (manager) => {
    const order = await manager.findOne('Order', { where: { id }, relations: { user: true } });
    await manager.transaction(async (inner) => {
      await inner.update('Order', { id }, { status: 'paying' });
      await fetch(`${process.env.SERVICE_URL}/pay/${order.total}`); // ← await-in-transaction
    });
    order.status = 'paid';
    await manager.save('Order', order);
  });

const renamed = (id) =>
  dataSource.transaction(async (manager) => {
    const user = await manager.findOneByOrFail('User', { id });
    await Users.findByName(user.name);
    await manager.withRepository(Users).findByName(user.name);
    await manager.update('User', { id }, { email: 'x' });
  });

const lazily = () =>
  dataSource.transaction(async (manager) => {
    for (const user of await manager.find('User', { take: 15 })) {
      await user.orders; // ← repeated-query
    }
  });

async function read() {
  await dataSource.createQueryBuilder().select('user').from('User', 'user').leftJoinAndSelect('user.orders', 'order').getMany();
  await dataSource.manager.find('User', { take: 2 });
}

async function byHand(id) {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction(); // ← connection-leak
  const user = await runner.manager.findOneBy('User', { id });
  if (user === null) return;
  await runner.commitTransaction();
  await runner.release();
}

await dataSource.getRepository('User').save(Array.from({ length: 12 }, (_, index) => ({ name: `new ${index}` })));
for (let round = 0; round < 2; round++) await Promise.all([pay(1), pay(2), renamed(3), read(), byHand(1)]);
await lazily();
await byHand(999);
await sleep(Math.max(4000, 4000 * process.uptime()));
process.exit(0);
