// Knex: a slow call, forgotten trx in a query and in a transaction
// rules: await-in-transaction, nested-checkout
const { setTimeout: sleep } = require('node:timers/promises');
const knex = require('knex')({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 8 } });

async function sendReceipt(order) {
  await fetch(`${process.env.SERVICE_URL}/receipt/${order}`); // ← await-in-transaction
}

async function pay(order) {
  await knex.transaction(async (trx) => {
    await trx('orders').where({ id: order }).update({ status: 'paid' });
    await sendReceipt(order);
    await trx('orders').where({ id: order }).increment('total', 1);
  });
}

async function count(order) {
  await knex.transaction(async (trx) => {
    await trx('orders').where({ id: order }).select('total');
    const [{ count }] = await knex('orders').count(); // ← nested-checkout
    await trx('orders').where({ id: order }).update({ total: Number(count) });
  });
}

async function provided(user) {
  const trx = await knex.transaction();
  try {
    await trx('users').where({ id: user }).select();
    await sleep(15); // ← await-in-transaction
    await trx('users').where({ id: user }).update({ email: 'x' });
    await trx.commit();
  } catch (error) {
    await trx.rollback(error);
  }
}

async function builder(user) {
  await knex.transaction((trx) =>
    trx('users')
      .where({ id: user })
      .select()
      .then(() => sleep(12)) // ← await-in-transaction
      .then(() => trx('users').where({ id: user }).select()),
  );
}

(async () => {
  for (let round = 0; round < 3; round++) await Promise.all([pay(1), count(2), provided(3), builder(1)]);
  await knex.destroy();
})();
