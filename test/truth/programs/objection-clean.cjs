// Objection: relations, graphs, transactions
// rules: await-in-transaction, connection-leak
const Knex = require('knex');
const { Model } = require('objection');

const knex = Knex({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 3 } });
Model.knex(knex);

class Order extends Model {
  static tableName = 'orders';
}

class User extends Model {
  static tableName = 'users';
  static relationMappings = {
    orders: { relation: Model.HasManyRelation, modelClass: Order, join: { from: 'users.id', to: 'orders.user_id' } },
  };
}

async function register(name) {
  const user = await User.transaction(async (trx) => {
    const created = await User.query(trx).insertGraph({ name, orders: [{ total: 1 }, { total: 2 }] });
    await created.$relatedQuery('orders', trx).patch({ status: 'new' });
    return User.query(trx).findById(created.id).withGraphFetched('orders');
  });
  await fetch(`${process.env.SERVICE_URL}/registered/${user.id}`);
}

const list = () => User.query().withGraphFetched('orders').limit(3);

(async () => {
  for (let round = 0; round < 3; round++) await Promise.all([register('a'), register('b'), list(), list(), list()]);
  await knex.destroy();
})();
