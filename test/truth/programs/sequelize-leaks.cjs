// Sequelize: an unmanaged transaction that is not always ended, lazy loading
// rules: connection-leak, repeated-query
const { DataTypes, Sequelize } = require('sequelize');
const { setTimeout: sleep } = require('node:timers/promises');

const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false, pool: { max: 6 }, define: { timestamps: false } });
const User = sequelize.define('User', { name: DataTypes.STRING }, { tableName: 'users' });
const Order = sequelize.define('Order', { total: DataTypes.INTEGER }, { tableName: 'orders' });
User.hasMany(Order, { foreignKey: 'user_id' });

async function rename(id, name) {
  const transaction = await sequelize.transaction(); // ← connection-leak
  const user = await User.findByPk(id, { transaction });
  if (user === null) return;
  await user.update({ name }, { transaction });
  await transaction.commit();
}

const totals = () =>
  sequelize.transaction(async (transaction) => {
    await User.bulkCreate(Array.from({ length: 12 }, (_, index) => ({ name: `new ${index}` })), { transaction });
    let sum = 0;
    for (const user of await User.findAll({ transaction })) {
      for (const order of await user.getOrders({ transaction })) sum += order.total; // ← repeated-query
    }
    return sum;
  });

(async () => {
  await Promise.all([rename(1, 'a'), rename(99, 'b'), totals()]);
  // Much longer than all before, however slow the machine is.
  await sleep(Math.max(4000, 4000 * process.uptime()));
  process.exit(0);
})();
