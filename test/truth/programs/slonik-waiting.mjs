// Slonik: a full pool, requests that wait in it, a connection that is destroyed and replaced, errors in a routine
// rules: await-in-transaction
import { createPool, sql } from 'slonik';

const pool = await createPool(process.env.DATABASE_URL, { maximumPoolSize: 2, connectionRetryLimit: 1, queryRetryLimit: 1, transactionRetryLimit: 1 });

const slow = (id) =>
  pool.connect(async (connection) => {
    await connection.transaction(async (transaction) => {
      await transaction.one(sql.unsafe`select id from users where id = ${id}`);
      await new Promise((resolve) => setTimeout(resolve, 30)); // ← await-in-transaction
      await transaction.query(sql.unsafe`update users set email = 'x' where id = ${id}`);
    });
  });

const failing = () => pool.transaction(async (transaction) => transaction.query(sql.unsafe`select 1 / 0`)).catch(() => {});
const killed = () => pool.query(sql.unsafe`select pg_terminate_backend(pg_backend_pid())`).catch(() => {});

for (let round = 0; round < 3; round++) await Promise.all([slow(1), slow(2), failing(), slow(3), killed(), slow(1), pool.any(sql.unsafe`select * from orders`)]);
await pool.end();
