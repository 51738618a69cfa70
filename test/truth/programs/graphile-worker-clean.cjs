// graphile-worker: tasks call services, and the database before and after
// rules: await-in-transaction, connection-leak
const { Logger, makeWorkerUtils, runOnce } = require('graphile-worker');

const connection = { connectionString: process.env.DATABASE_URL, maxPoolSize: 6, logger: new Logger(() => () => {}) };

const taskList = {
  async charge({ id }, { query, addJob, withPgClient }) {
    const { rows } = await query('select total from orders where id = $1', [id]);
    const response = await fetch(`${process.env.SERVICE_URL}/charge/${rows[0].total}`);
    const status = await response.text();
    await withPgClient.withRetries(async (client) => {
      await client.query('begin');
      await client.query('update orders set status = $2 where id = $1', [id, status]);
      await client.query('commit');
    });
    await addJob('tell', { id });
  },
  async tell({ id }, { job }) {
    await fetch(`${process.env.SERVICE_URL}/tell/${id}?attempt=${job.attempts}`);
  },
};

(async () => {
  const utils = await makeWorkerUtils(connection);
  await utils.migrate();
  for (const id of [1, 2, 3]) await utils.addJob('charge', { id });
  await utils.release();
  await runOnce({ ...connection, taskList, concurrency: 2 });
})();
