// TypeORM: transactions, savepoints, query builders, a full pool
// rules: await-in-transaction, connection-leak
import 'reflect-metadata';
import { DataSource, EntitySchema } from 'typeorm';

const User = new EntitySchema({
  name: 'User',
  tableName: 'users',
  columns: { id: { type: Number, primary: true, generated: true }, name: { type: String }, email: { type: String, nullable: true } },
  relations: { orders: { type: 'one-to-many', target: 'Order', inverseSide: 'user', cascade: true } },
});
const Order = new EntitySchema({
  name: 'Order',
  tableName: 'orders',
  columns: { id: { type: Number, primary: true, generated: true }, total: { type: Number } },
  relations: { user: { type: 'many-to-one', target: 'User', joinColumn: { name: 'user_id' }, inverseSide: 'orders' } },
});

const dataSource = new DataSource({ type: 'postgres', url: process.env.DATABASE_URL, entities: [User, Order], poolSize: 3 });
await dataSource.initialize();

async function register(name) {
  const id = await dataSource.transaction(async (manager) => {
    const user = await manager.save('User', { name, orders: [{ total: 1 }, { total: 2 }] });
    await manager.transaction(async (nested) => {
      await nested.update('User', { id: user.id }, { email: 'x' });
    });
    return (await manager.findOneOrFail('User', { where: { id: user.id }, relations: { orders: true } })).id;
  });
  await fetch(`${process.env.SERVICE_URL}/registered/${id}`);
}

const list = () => dataSource.createQueryBuilder('User', 'user').leftJoinAndSelect('user.orders', 'orders').take(3).getMany();

for (let round = 0; round < 3; round++) await Promise.all([register('a'), register('b'), list(), list(), register('c')]);
await dataSource.destroy();
