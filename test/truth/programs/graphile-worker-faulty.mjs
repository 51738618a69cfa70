// graphile-worker: a task holds a transaction open while it calls a service
// rules: await-in-transaction
import { quickAddJob, runOnce } from 'graphile-worker';
import pg from 'pg';

const pgPool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 6 });
const logger = { scope: () => logger, error() {}, warn() {}, info() {}, debug() {} };

const taskList = {
  async charge({ id }, { withPgClient }) {
    await withPgClient(async (client) => {
      await client.query('begin');
      const { rows } = await client.query('select total from orders where id = $1', [id]);
      await fetch(`${process.env.SERVICE_URL}/charge/${rows[0].total}`); // ← await-in-transaction
      await client.query("update orders set status = 'charged' where id = $1", [id]);
      await client.query('commit');
    });
  },
};

const quiet = { pgPool, logger: new (await import('graphile-worker')).Logger(() => () => {}) };
for (let round = 0; round < 2; round++) for (const id of [1, 2, 3]) await quickAddJob(quiet, 'charge', { id });
await runOnce({ ...quiet, taskList, concurrency: 2 });
await pgPool.end();
