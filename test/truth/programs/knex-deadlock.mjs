// Knex: as many transactions as the pool has connections, each with a query that forgot its trx
// rules: nested-checkout, pool-deadlock
import Knex from 'knex';

const quiet = { warn() {}, error() {}, deprecate() {}, debug() {} };
const knex = Knex({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 2 }, acquireConnectionTimeout: 4000, log: quiet });

const place = (user) =>
  knex.transaction(async (trx) => {
    await trx.raw('select name, pg_sleep(0.4) from users where id = ?', [user]);
    const [{ count }] = await knex('orders').where({ user_id: user }).count(); // ← nested-checkout, pool-deadlock
    await trx('orders').insert({ user_id: user, total: Number(count) });
  });

await Promise.allSettled([place(1), place(2)]);
await knex.destroy();
