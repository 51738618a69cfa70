// Knex: queries, transactions, savepoints, a full pool
// rules: await-in-transaction, connection-leak
import Knex from 'knex';

const knex = Knex({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 3 }, acquireConnectionTimeout: 10_000 });

async function transfer(from, to) {
  await knex.transaction(async (trx) => {
    await trx('accounts').where({ id: from }).decrement('balance', 1);
    await trx.transaction(async (savepoint) => {
      await savepoint('accounts').where({ id: to }).increment('balance', 1);
    });
    return trx('accounts').whereIn('id', [from, to]);
  });
}

async function list() {
  const users = await knex('users').select('id').orderBy('id');
  const response = await fetch(`${process.env.SERVICE_URL}/list`);
  await response.text();
  return knex('orders').whereIn('user_id', users.map(({ id }) => id));
}

for (let round = 0; round < 4; round++) await Promise.all([transfer(1, 2), transfer(3, 4), list(), list(), transfer(1, 2)]);
await knex.destroy();
