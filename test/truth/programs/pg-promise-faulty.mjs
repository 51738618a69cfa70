// pg-promise, which has a pg of its own: a slow call and a forgotten task context
// rules: await-in-transaction, nested-checkout
import pgPromise from 'pg-promise';

const pgp = pgPromise();
const db = pgp({ connectionString: process.env.DATABASE_URL, max: 6, connectionTimeoutMillis: 60_000 });

function register(name) {
  return db.tx(async (t) => {
    const user = await t.one('insert into users (name) values ($1) returning id', [name]);
    await fetch(`${process.env.SERVICE_URL}/welcome/${user.id}`); // ← await-in-transaction
    return t.none('update users set email = $1 where id = $2', [name, user.id]);
  });
}

function pay(order) {
  return db.tx('pay', async (t) => {
    await t.none("update orders set status = 'paid' where id = $1", [order]);
    const { count } = await db.one('select count(*) from orders'); // ← nested-checkout
    return t.none('update orders set total = $1 where id = $2', [count, order]);
  });
}

for (let round = 0; round < 3; round++) await Promise.all([register('a'), register('b'), pay(1), pay(2)]);
await db.$pool.end();
