// Objection: a started transaction that is not always ended, a statement for each row
// rules: connection-leak, repeated-query
const Knex = require('knex');
const { Model } = require('objection');
const { setTimeout: sleep } = require('node:timers/promises');

const knex = Knex({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 6 } });
Model.knex(knex);

class User extends Model {
  static tableName = 'users';
}

async function rename(id, name) {
  const trx = await User.startTransaction(); // ← connection-leak
  const user = await User.query(trx).findById(id);
  if (user === undefined) return;
  await user.$query(trx).patch({ name });
  await trx.commit();
}

const loadEach = (count) =>
  User.transaction(async (trx) => {
    for (let id = 1; id <= count; id++) {
      await User.query(trx).findById(id); // ← repeated-query
    }
  });

(async () => {
  await Promise.all([rename(1, 'a'), rename(99, 'b'), loadEach(15)]);
  // Much longer than all before, however slow the machine is.
  await sleep(Math.max(4000, 4000 * process.uptime()));
  process.exit(0);
})();
