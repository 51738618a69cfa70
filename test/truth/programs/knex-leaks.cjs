// Knex: a transaction that is not ended on every way, a transaction in single queries
// rules: connection-leak, unfinished-transaction, transaction-on-pool
const { setTimeout: sleep } = require('node:timers/promises');
const knex = require('knex')({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 6 } });

async function rename(id, name) {
  const trx = await knex.transaction(); // ← connection-leak
  const user = await trx('users').where({ id }).first();
  if (user === undefined) return false;
  await trx('users').where({ id }).update({ name });
  await trx.commit();
  return true;
}

async function byHand() {
  await knex.raw('BEGIN'); // ← transaction-on-pool
  await knex.raw('select 1');
  await knex.raw('ROLLBACK');
}

(async () => {
  await byHand();
  await Promise.all([rename(1, 'a'), rename(2, 'b'), rename(99, 'c')]);
  await knex('users').select();
  // Much longer than all before, however slow the machine is.
  await sleep(Math.max(4000, 4000 * process.uptime()));
  process.exit(0);
})();
