// Knex: a forgotten transaction in repositories of all styles; what an async function returns is run when it is over
// rules: nested-checkout
import knexFactory from 'knex';
const knex = knexFactory({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 10 } });
class Audit {
  async add(what) {
    return knex('audit').insert({ what }); // ← nested-checkout
  }
  addPlain(what) {
    return knex('audit').insert({ what });
  }
  async addAwait(what) {
    const [row] = await knex('audit').insert({ what }).returning('id'); // ← nested-checkout
    return row;
  }
  addThen(what) {
    return knex('audit').insert({ what }).then((r) => r); // ← nested-checkout
  }
  addArrow = async (what) => knex('audit').insert({ what }); // ← nested-checkout
  async addRaw(what) {
    const sql = 'insert into audit (what) values (?)';
    return await knex.raw(sql, [what]); // ← nested-checkout
  }
}
const audit = new Audit();
const service = {
  one: () => knex.transaction(async (trx) => { await trx('orders').select(); await audit.add('one'); await trx('users').select(); }),
  two: () => knex.transaction(async (trx) => {
    await trx('orders').select();
    await audit.addPlain('two'); // ← nested-checkout
    await trx('users').select();
  }),
  three: () => knex.transaction(async (trx) => { await trx('orders').select(); await audit.addAwait('three'); await trx('users').select(); }),
  four: () => knex.transaction(async (trx) => { await trx('orders').select(); await audit.addThen('four'); await trx('users').select(); }),
  five: () => knex.transaction(async (trx) => { await trx('orders').select(); await audit.addArrow('five'); await trx('users').select(); }),
  six: () => knex.transaction(async (trx) => { await trx('orders').select(); await audit.addRaw('six'); await trx('users').select(); }),
};
for (const f of Object.values(service)) await f();
for (let i = 0; i < 4; i++) for (const f of Object.values(service)) await f();
await knex.destroy();
