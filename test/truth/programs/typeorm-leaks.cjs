// TypeORM: a query runner that is not always released, a statement for each row
// rules: connection-leak, repeated-query
require('reflect-metadata');
const { DataSource } = require('typeorm');
const { setTimeout: sleep } = require('node:timers/promises');

const dataSource = new DataSource({ type: 'postgres', url: process.env.DATABASE_URL, poolSize: 6 });

async function find(id) {
  const runner = dataSource.createQueryRunner();
  await runner.connect(); // ← connection-leak
  const [user] = await runner.query('select * from users where id = $1', [id]);
  if (user === undefined) return null;
  await runner.release();
  return user;
}

const loadEach = (count) =>
  dataSource.transaction(async (manager) => {
    for (let id = 1; id <= count; id++) {
      await manager.query('select * from orders where user_id = $1', [id]); // ← repeated-query
    }
  });

(async () => {
  await dataSource.initialize();
  await Promise.all([find(1), find(99), loadEach(15)]);
  // Much longer than all before, however slow the machine is.
  await sleep(Math.max(4000, 4000 * process.uptime()));
  process.exit(0);
})();
