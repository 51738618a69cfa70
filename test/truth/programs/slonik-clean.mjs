// Slonik: transactions, nested ones, its retry of a serialization failure, a full pool
// rules: await-in-transaction, connection-leak
import { createPool, sql } from 'slonik';

const pool = await createPool(process.env.DATABASE_URL, { maximumPoolSize: 3 });

async function raise(id) {
  await pool.transaction(async (transaction) => {
    await transaction.query(sql.unsafe`set transaction isolation level serializable`);
    const total = await transaction.oneFirst(sql.unsafe`select total from orders where id = ${id}`);
    await transaction.query(sql.unsafe`update orders set total = ${total + 1} where id = ${id}`);
  }, 10);
}

async function register(name) {
  const id = await pool.transaction(async (transaction) => {
    const user = await transaction.oneFirst(sql.unsafe`insert into users (name) values (${name}) returning id`);
    await transaction.transaction(async (nested) => {
      await nested.query(sql.unsafe`insert into orders (user_id) values (${user})`);
    });
    return user;
  });
  await fetch(`${process.env.SERVICE_URL}/registered/${id}`);
}

const list = () => pool.connect(async (connection) => (await connection.any(sql.unsafe`select * from users`)).length);

for (let round = 0; round < 3; round++) await Promise.all([raise(1), raise(2), register('a'), register('b'), list(), list()]);
await pool.end();
