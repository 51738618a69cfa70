// pg-promise: tasks, transactions, savepoints and batches
// rules: await-in-transaction, connection-leak
const pgp = require('pg-promise')();

const db = pgp({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

const report = (id) => db.task((t) => t.batch([t.one('select * from users where id = $1', id), t.any('select * from orders where user_id = $1', id)]));

const transfer = (from, to) =>
  db.tx(async (t) => {
    await t.none('update accounts set balance = balance - 1 where id = $1', from);
    await t.tx(async (inner) => {
      await inner.none('update accounts set balance = balance + 1 where id = $1', to);
      await inner.one('select count(*) from accounts');
    });
    await t.tx(async (inner) => {
      await inner.none('insert into accounts (id, owner) values ($1, $2)', [to, 'twice']);
    }).catch((error) => error.code);
    return t.any('select * from accounts order by id');
  });

async function transferThenTell(from, to) {
  const accounts = await transfer(from, to);
  await fetch(`${process.env.SERVICE_URL}/told/${accounts.length}`);
}

(async () => {
  for (let round = 0; round < 3; round++) await Promise.all([report(1), report(2), transfer(1, 2), transfer(3, 4), transferThenTell(1, 2)]);
  await db.$pool.end();
})();
