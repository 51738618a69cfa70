// graphile-worker: run() on a pool, jobs added within a transaction and beside it, a batch of jobs, a failing one
// rules: await-in-transaction, nested-checkout
import * as worker from 'graphile-worker';
import pg from 'pg';

const { Logger, makeWorkerUtils, run } = worker;
const pgPool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const options = { pgPool, logger: new Logger(() => () => {}) };
const utils = await makeWorkerUtils(options);
await utils.migrate();

async function place(user) {
  const client = await pgPool.connect();
  try {
    await client.query('begin');
    await client.query('insert into orders (user_id, total) values ($1, 1)', [user]);
    await client.query("select graphile_worker.add_job('mail', json_build_object('user', $1::int))", [user]);
    await client.query('commit');
  } finally {
    client.release();
  }
}

async function placeBeside(user) {
  const client = await pgPool.connect();
  try {
    await client.query('begin');
    await client.query('insert into orders (user_id, total) values ($1, 2)', [user]);
    await utils.addJob('charge', { user }); // ← nested-checkout
    await client.query('commit');
  } finally {
    client.release();
  }
}

for (const user of [1, 2, 3]) await place(user);
for (const user of [1, 2, 3]) await placeBeside(user);
await utils.addJob('flaky', {}, { maxAttempts: 1 });

let left = 7;
let allDone;
const finished = new Promise((resolve) => (allDone = resolve));
const count = () => --left === 0 && allDone();

const runner = await run({
  ...options,
  concurrency: 3,
  pollInterval: 200,
  noHandleSignals: true,
  taskList: {
    async mail({ user }, { query }) {
      await query('select * from users where id = $1', [user]);
      await fetch(`${process.env.SERVICE_URL}/mail/${user}`);
      await query("update users set email = 'x' where id = $1", [user]);
      count();
    },
    async charge({ user }, { withPgClient }) {
      await withPgClient(async (client) => {
        await client.query('begin');
        await client.query('select * from orders where user_id = $1 for update', [user]);
        await fetch(`${process.env.SERVICE_URL}/charge/${user}`); // ← await-in-transaction
        await client.query('commit');
      });
      count();
    },
    async flaky() {
      count();
      throw new Error('not today');
    },
  },
});
await finished;
await runner.stop();
await utils.release();
await pgPool.end();
