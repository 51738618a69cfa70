// Objection: a model's query without its transaction, a slow hook
// rules: await-in-transaction, nested-checkout
const Knex = require('knex');
const { Model } = require('objection');

const knex = Knex({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 8 } });
Model.knex(knex);

class User extends Model {
  static tableName = 'users';
}

class Order extends Model {
  static tableName = 'orders';

  async $afterUpdate() {
    await fetch(`${process.env.SERVICE_URL}/changed/${this.status}`); // ← await-in-transaction
  }
}

async function pay(id) {
  await Order.transaction(async (trx) => {
    await Order.query(trx).findById(id).patch({ status: 'paid' });
    await Order.query(trx).findById(id);
  });
}

async function rename(id) {
  await User.transaction(async (trx) => {
    const user = await User.query(trx).findById(id);
    await User.query().findById(id).select('email'); // ← nested-checkout
    await user.$query(trx).patch({ email: 'new' });
  });
}

(async () => {
  for (let round = 0; round < 3; round++) await Promise.all([pay(1), pay(2), rename(1), rename(2)]);
  await knex.destroy();
})();
