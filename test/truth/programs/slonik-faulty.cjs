// Slonik: a slow call, the pool instead of the transaction
// rules: await-in-transaction, nested-checkout
const { createPool, sql } = require('slonik');

let pool;

async function pay(id) {
  await pool.transaction(async (transaction) => {
    const order = await transaction.one(sql.unsafe`select * from orders where id = ${id}`);
    await fetch(`${process.env.SERVICE_URL}/pay/${order.total}`); // ← await-in-transaction
    await transaction.query(sql.unsafe`update orders set status = 'paid' where id = ${id}`);
  });
}

async function rename(id) {
  await pool.transaction(async (transaction) => {
    await transaction.one(sql.unsafe`select * from users where id = ${id}`);
    await pool.oneFirst(sql.unsafe`select count(*) from users`); // ← nested-checkout
    await transaction.query(sql.unsafe`update users set email = 'x' where id = ${id}`);
  });
}

(async () => {
  pool = await createPool(process.env.DATABASE_URL, { maximumPoolSize: 8, dangerouslyAllowForeignConnections: true });
  for (let round = 0; round < 3; round++) await Promise.all([pay(1), pay(2), rename(3)]);
  await pool.end();
})();
