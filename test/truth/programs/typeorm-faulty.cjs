// TypeORM: a repository beside the transaction's manager, a slow subscriber, a query runner
// rules: await-in-transaction, nested-checkout
require('reflect-metadata');
const { DataSource, EntitySchema, EventSubscriber } = require('typeorm');
const { setTimeout: sleep } = require('node:timers/promises');

const User = new EntitySchema({
  name: 'User',
  tableName: 'users',
  columns: { id: { type: Number, primary: true, generated: true }, name: { type: String }, email: { type: String, nullable: true } },
});

class Auditor {
  listenTo() {
    return 'User';
  }

  async afterInsert(event) {
    await fetch(`${process.env.SERVICE_URL}/audit/${event.entity.id}`); // ← await-in-transaction
  }
}

EventSubscriber()(Auditor);

const dataSource = new DataSource({ type: 'postgres', url: process.env.DATABASE_URL, entities: [User], subscribers: [Auditor], poolSize: 8 });

async function register(name) {
  await dataSource.transaction(async (manager) => {
    await manager.save('User', { name });
    await manager.count('User');
  });
}

async function rename(id) {
  await dataSource.transaction(async (manager) => {
    const user = await manager.findOneByOrFail('User', { id });
    const count = await dataSource.getRepository('User').count(); // ← nested-checkout
    await manager.update('User', { id }, { email: `${user.name}${count}` });
  });
}

async function byHand(id) {
  const runner = dataSource.createQueryRunner();
  await runner.connect();
  await runner.startTransaction();
  try {
    await runner.manager.findOneBy('User', { id });
    await sleep(15); // ← await-in-transaction
    await runner.manager.update('User', { id }, { email: 'x' });
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}

(async () => {
  await dataSource.initialize();
  for (let round = 0; round < 3; round++) await Promise.all([register('a'), register('b'), rename(1), byHand(2)]);
  await dataSource.destroy();
})();
