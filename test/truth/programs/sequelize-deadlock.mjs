// Sequelize: as many transactions as the pool has connections, each with a query that forgot its transaction
// rules: nested-checkout, pool-deadlock
import { QueryTypes, Sequelize } from 'sequelize';

const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false, pool: { max: 2, acquire: 4000 } });

const place = (user) =>
  sequelize.transaction(async (transaction) => {
    await sequelize.query('select name, pg_sleep(0.4) from users where id = $1', { bind: [user], transaction });
    const [{ count }] = await sequelize.query('select count(*) from orders', { type: QueryTypes.SELECT }); // ← nested-checkout, pool-deadlock
    await sequelize.query('insert into orders (user_id, total) values ($1, $2)', { bind: [user, count], transaction });
  });

await Promise.allSettled([place(1), place(2)]);
await sequelize.close();
