// Sequelize: hooks, a retry on serialization failures, locks, relations one by one
// rules: await-in-transaction, nested-checkout, repeated-query
const { Sequelize, DataTypes, Transaction } = require('sequelize');
const { AsyncLocalStorage } = require('node:async_hooks');
const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false, pool: { max: 8, acquire: 5000 } });
const User = sequelize.define('User', { name: DataTypes.TEXT, email: DataTypes.TEXT }, { tableName: 'users', timestamps: false });
const Order = sequelize.define('Order', { userId: { type: DataTypes.INTEGER, field: 'user_id' }, total: DataTypes.INTEGER, status: DataTypes.TEXT }, { tableName: 'orders', timestamps: false });
User.hasMany(Order, { foreignKey: 'user_id' }); Order.belongsTo(User, { foreignKey: 'user_id' });
async function withRetry(fn, tries = 6) {
  for (let i = 1; ; i++) {
    try { return await sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE }, fn); }
    catch (e) { if (i === tries || e?.original?.code !== '40001') throw e; await new Promise((r) => setTimeout(r, 2 * i)); }
  }
}
async function lockStock(t, id) { return Order.findByPk(id, { transaction: t, lock: t.LOCK.UPDATE }); }
async function chargeCard(order) {
  const res = await fetch(`${process.env.SERVICE_URL}/charge?ms=8`, { method: 'POST' }); // ← await-in-transaction
  return res.text();
}
Order.addHook('afterUpdate', 'audit', async (order, options) => {
  if (order.status === 'audit') await User.count(); // ← nested-checkout
});
const flows = {
  charge: () => sequelize.transaction(async (t) => { const o = await lockStock(t, 1); await chargeCard(o); o.status = 'paid'; await o.save({ transaction: t }); }),
  good: () => withRetry(async (t) => { const u = await User.findByPk(2, { transaction: t }); await u.update({ email: 'x' + Math.random() }, { transaction: t }); }),
  hook: () => sequelize.transaction(async (t) => { const o = await Order.findByPk(2, { transaction: t }); o.set({ status: 'audit', total: Math.floor(Math.random() * 1e6) }); await o.save({ transaction: t }); }),
  forgot: () => sequelize.transaction(async (t) => {
    const u = await User.findByPk(3, { transaction: t });
    await Order.update({ total: 5 }, { where: { userId: 3 } }); // ← nested-checkout
    await u.update({ email: 'f' + Math.random() }, { transaction: t });
  }),
  lazy: () => sequelize.transaction(async (t) => {
    const users = await User.findAll({ transaction: t });
    for (let k = 0; k < 5; k++) for (const u of users) await u.getOrders({ transaction: t }); // ← repeated-query
  }),
  unmanagedGood: async () => { const t = await sequelize.transaction(); try { await User.findAll({ transaction: t }); await t.commit(); } catch (e) { await t.rollback(); throw e; } },
  eager: () => User.findAll({ include: Order }),
};
(async () => {
  for (let i = 0; i < 4; i++) await Promise.all(Object.values(flows).map((f) => f()));
  await sequelize.close();
})();
