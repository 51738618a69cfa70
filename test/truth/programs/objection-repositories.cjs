// Objection: builders that async functions return, bound models, relations one by one
// rules: nested-checkout, repeated-query
const { Model, transaction } = require('objection');
const knex = require('knex')({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 9 } });
Model.knex(knex);
class User extends Model { static tableName = 'users'; static get relationMappings() { return { orders: { relation: Model.HasManyRelation, modelClass: Order, join: { from: 'users.id', to: 'orders.user_id' } } }; } }
class Order extends Model { static tableName = 'orders'; }
class Audit extends Model { static tableName = 'audit'; }
async function log(what) {
  return Audit.query().insert({ what }); // ← nested-checkout
}
const find = async (trx, id) => User.query(trx).findById(id);
const flows = {
  log: () => User.transaction(async (trx) => { await find(trx, 1); await log('x'); await User.query(trx).findById(1).patch({ email: 'l' }); }),
  good: () => User.transaction(async (trx) => { await find(trx, 2); await User.query(trx).findById(2).patch({ email: 'g' }); await User.query(trx).withGraphFetched('orders'); }),
  n1: () => User.transaction(async (trx) => {
    const users = await User.query(trx);
    for (let i = 0; i < 4; i++) for (const u of users) {
      await u.$relatedQuery('orders', trx); // ← repeated-query
    }
  }),
  plain: () => find(undefined, 3),
};
(async () => { for (let i = 0; i < 4; i++) for (const flow of Object.values(flows)) await flow(); await knex.destroy(); })();
