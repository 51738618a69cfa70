// Sequelize: a forgotten { transaction }, a slow hook, an unmanaged transaction
// rules: await-in-transaction, nested-checkout
const { Sequelize, DataTypes } = require('sequelize');
const { setTimeout: sleep } = require('node:timers/promises');

const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false, pool: { max: 8 }, define: { timestamps: false } });

const User = sequelize.define('User', { name: DataTypes.STRING, email: DataTypes.STRING }, { tableName: 'users' });
const Order = sequelize.define('Order', { total: DataTypes.INTEGER, status: DataTypes.STRING }, { tableName: 'orders' });

Order.addHook('afterUpdate', async (order) => {
  await fetch(`${process.env.SERVICE_URL}/changed/${order.id}`); // ← await-in-transaction
});

async function pay(id) {
  await sequelize.transaction(async (transaction) => {
    const order = await Order.findByPk(id, { transaction });
    order.status = order.status === 'paid' ? 'new' : 'paid';
    await order.save({ transaction });
    await Order.count({ transaction });
  });
}

async function rename(id) {
  await sequelize.transaction(async (transaction) => {
    const user = await User.findByPk(id, { transaction });
    const count = await User.count(); // ← nested-checkout
    await user.update({ email: `${count}@example.com${Math.random()}` }, { transaction });
  });
}

async function unmanaged(id) {
  const transaction = await sequelize.transaction();
  try {
    await User.findByPk(id, { transaction });
    await sleep(15); // ← await-in-transaction
    await transaction.commit();
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

(async () => {
  for (let round = 0; round < 3; round++) await Promise.all([pay(1), pay(2), rename(1), unmanaged(3)]);
  await sequelize.close();
})();
