// MikroORM: a slow call and a fork of its own inside a transaction
// rules: await-in-transaction, nested-checkout
const { EntitySchema, MikroORM } = require('@mikro-orm/postgresql');

const User = new EntitySchema({
  name: 'User',
  tableName: 'users',
  properties: { id: { type: 'number', primary: true }, name: { type: 'string' }, email: { type: 'string', nullable: true } },
});

let orm;

async function verify(id) {
  await orm.em.fork().transactional(async (em) => {
    const user = await em.findOneOrFail(User, id);
    const response = await fetch(`${process.env.SERVICE_URL}/verify/${user.name}`); // ← await-in-transaction
    user.email = `${await response.text()}@example.com`;
  });
}

async function rename(id) {
  await orm.em.fork().transactional(async (em) => {
    const user = await em.findOneOrFail(User, id);
    const count = await orm.em.fork().count(User); // ← nested-checkout
    user.name = `${user.name}${count}`;
  });
}

(async () => {
  orm = await MikroORM.init({ entities: [User], clientUrl: process.env.DATABASE_URL, pool: { min: 0, max: 8 }, discovery: { warnWhenNoEntities: false } });
  for (let round = 0; round < 3; round++) await Promise.all([verify(1), verify(2), rename(3)]);
  await orm.close();
})();
