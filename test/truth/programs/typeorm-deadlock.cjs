// TypeORM: as many transactions as the pool has connections, each with a repository beside its manager; the process is ended
// rules: nested-checkout, pool-deadlock
require('reflect-metadata');
const { DataSource, EntitySchema } = require('typeorm');

const User = new EntitySchema({
  name: 'User',
  tableName: 'users',
  columns: { id: { type: Number, primary: true, generated: true }, name: { type: String }, email: { type: String, nullable: true } },
});
const dataSource = new DataSource({ type: 'postgres', url: process.env.DATABASE_URL, entities: [User], poolSize: 2 });

async function rename(id) {
  await dataSource.transaction(async (manager) => {
    await manager.query('select pg_sleep(0.4)');
    await manager.update('User', { id }, { email: 'x' });
    const user = await dataSource.getRepository('User').findOneBy({ id: 3 }); // ← nested-checkout, pool-deadlock
    await manager.update('User', { id }, { name: user.name });
  });
}

(async () => {
  await dataSource.initialize();
  setTimeout(() => process.exit(0), 2500);
  await Promise.all([rename(1), rename(2)]);
})();
