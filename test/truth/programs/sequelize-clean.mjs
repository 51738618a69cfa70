// Sequelize: managed transactions, savepoints, retries after a serialization failure, a full pool
// rules: await-in-transaction, connection-leak
import { DataTypes, Sequelize, Transaction } from 'sequelize';

const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false, pool: { max: 3, acquire: 10_000 }, define: { timestamps: false } });

const User = sequelize.define('User', { name: DataTypes.STRING }, { tableName: 'users' });
const Order = sequelize.define('Order', { total: DataTypes.INTEGER }, { tableName: 'orders' });
User.hasMany(Order, { foreignKey: 'user_id' });

// A serializable transaction is begun again when PostgreSQL asks for it; the pause is between the two, not inside.
async function serializable(body, attempts = 5) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE }, body);
    } catch (error) {
      if (error.original?.code !== '40001' || attempt === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5 * attempt));
    }
  }
}

const raise = (id) =>
  serializable(async (transaction) => {
    const order = await Order.findByPk(id, { transaction });
    await Order.update({ total: order.total + 1 }, { where: { id }, transaction });
  }).catch((error) => error.original.code);

const register = (name) =>
  sequelize.transaction(async (transaction) => {
    const user = await User.create({ name }, { transaction });
    await sequelize.transaction({ transaction }, (savepoint) => Order.create({ total: 1, user_id: user.id }, { transaction: savepoint }));
    return User.findByPk(user.id, { include: Order, transaction });
  });

async function list() {
  const users = await User.findAll({ include: Order, limit: 3 });
  await fetch(`${process.env.SERVICE_URL}/list/${users.length}`);
}

for (let round = 0; round < 3; round++) await Promise.all([raise(1), raise(1), raise(2), register('a'), register('b'), list(), list()]);
await sequelize.close();
