// A BEGIN through the pools of Sequelize, TypeORM, Drizzle and pg-promise
// rules: transaction-on-pool, unfinished-transaction
const { Sequelize } = require('sequelize');
const { DataSource } = require('typeorm');
const { drizzle } = require('drizzle-orm/node-postgres');
const { sql } = require('drizzle-orm');
const { Pool } = require('pg');
const pgp = require('pg-promise')();
(async () => {
  const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false, pool: { max: 3 } });
  await sequelize.query('BEGIN'); // ← transaction-on-pool
  await sequelize.query('select 1 as seq');
  await sequelize.query('COMMIT');
  const source = await new DataSource({ type: 'postgres', url: process.env.DATABASE_URL, poolSize: 3 }).initialize();
  await source.query('BEGIN'); // ← transaction-on-pool
  await source.query('select 1 as typeorm');
  await source.query('COMMIT');
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 3 });
  const db = drizzle(pool);
  await db.execute(sql`BEGIN`); // ← transaction-on-pool
  await db.execute(sql`select 1 as drizzle`);
  await db.execute(sql`COMMIT`);
  const p = pgp(process.env.DATABASE_URL);
  await p.none('BEGIN'); // ← transaction-on-pool
  await p.any('select 1 as pgp');
  await p.none('COMMIT');
  await sequelize.close(); await source.destroy(); await pool.end(); pgp.end();
})();
