// Slonik: as many transactions as the pool has connections, each with a query on the pool; a statement for each row
// rules: nested-checkout, pool-deadlock, repeated-query
const { createPool, sql } = require('slonik');

(async () => {
  const pool = await createPool(process.env.DATABASE_URL, { maximumPoolSize: 2, dangerouslyAllowForeignConnections: true });

  await pool.transaction(async (transaction) => {
    for (let id = 1; id <= 15; id++) {
      await transaction.any(sql.unsafe`select * from orders where user_id = ${id}`); // ← repeated-query
    }
  });

  const place = (user) =>
    pool.transaction(async (transaction) => {
      await transaction.any(sql.unsafe`select name, pg_sleep(0.4) from users where id = ${user}`);
      const count = await pool.oneFirst(sql.unsafe`select count(*) from orders`); // ← nested-checkout, pool-deadlock
      await transaction.query(sql.unsafe`insert into orders (user_id, total) values (${user}, ${count})`);
    });

  // Those who wait in Slonik's pool do so for ever.
  void Promise.all([place(1), place(2)]);
  setTimeout(() => process.exit(0), 5000);
})();
