// pg-promise: a shared connection that is not always done with
// rules: connection-leak
const pgp = require('pg-promise')();
const { setTimeout: sleep } = require('node:timers/promises');

const db = pgp({ connectionString: process.env.DATABASE_URL, max: 6, connectionTimeoutMillis: 60_000 });

async function find(id) {
  const shared = await db.connect(); // ← connection-leak
  const user = await shared.oneOrNone('select * from users where id = $1', id);
  if (user === null) return null;
  await shared.done();
  return user;
}

(async () => {
  await Promise.all([find(1), find(99), find(2)]);
  await db.task((t) => t.one('select 1 as one'));
  // Much longer than all before, however slow the machine is.
  await sleep(Math.max(4000, 4000 * process.uptime()));
  process.exit(0);
})();
