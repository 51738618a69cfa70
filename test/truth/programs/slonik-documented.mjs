// Slonik with zod: typed queries, an interceptor, streams, nested transactions that retry, faults beside them
// rules: await-in-transaction, nested-checkout
// needs: slonik 48.0.0
import { createPool, createSqlTag } from 'slonik';
import { z } from 'zod';

const sql = createSqlTag({ typeAliases: { id: z.object({ id: z.number() }), order: z.object({ id: z.number(), total: z.number() }), void: z.object({}).strict() } });
const parse = {
  name: 'parse',
  transformRow: async ({ resultParser }, query, row) => (resultParser === undefined ? row : resultParser['~standard'].validate(row).then?.(({ value }) => value) ?? resultParser['~standard'].validate(row).value),
};
const pool = await createPool(process.env.DATABASE_URL, { maximumPoolSize: 8, interceptors: [parse], dangerouslyAllowForeignConnections: true });

async function pay(id) {
  await pool.transaction(async (transaction) => {
    const order = await transaction.one(sql.typeAlias('order')`select id, total from orders where id = ${id}`);
    await fetch(`${process.env.SERVICE_URL}/pay/${order.total}`); // ← await-in-transaction
    await transaction.query(sql.typeAlias('void')`update orders set status = 'paid' where id = ${id}`);
  });
}

let tries = 0;
async function retried() {
  await pool.transaction(async (transaction) => {
    await transaction.oneFirst(sql.unsafe`select count(*) from users`);
    await transaction.transaction(async (inner) => {
      await inner.query(sql.unsafe`insert into audit (what) values ('retried')`);
      if (++tries % 2 === 1) await inner.query(sql.unsafe`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
    }, 2);
    await transaction.oneFirst(sql.unsafe`select count(*) from audit`);
  }, 2);
}

async function forgotten(id) {
  await pool.transaction(async (transaction) => {
    await transaction.one(sql.typeAlias('id')`select id from users where id = ${id}`);
    await pool.maybeOne(sql.typeAlias('id')`select id from orders where id = ${id}`); // ← nested-checkout
    await transaction.query(sql.unsafe`update users set email = 'x' where id = ${id}`);
  });
}

const together = () =>
  pool.connect(async (connection) => {
    await Promise.all([connection.any(sql.unsafe`select pg_sleep(0.02)`), connection.any(sql.unsafe`select pg_sleep(0.02)`), connection.any(sql.unsafe`select pg_sleep(0.02)`)]);
  });

async function streamed() {
  await pool.stream(sql.typeAlias('id')`select id from users`, async (stream) => {
    for await (const { data } of stream) data.id;
  });
}

for (let round = 0; round < 3; round++) await Promise.all([pay(1), pay(2), retried(), forgotten(3), together(), streamed()]);
await pool.end();
