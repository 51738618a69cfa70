// Two databases, a transaction in each: the outer one stays open while the inner one is at work
// rules: await-in-transaction, nested-checkout
import pg from 'pg';

const primary = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3, connectionTimeoutMillis: 60_000 });
const archive = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3, connectionTimeoutMillis: 60_000 });

async function inTransaction(pool, body) {
  const client = await pool.connect(); // ← await-in-transaction, nested-checkout
  try {
    await client.query('BEGIN'); // ← await-in-transaction
    await body(client);
    await client.query('COMMIT'); // ← await-in-transaction
  } finally {
    client.release();
  }
}

async function archiveOrder(id) {
  await inTransaction(primary, async (client) => {
    const { rows } = await client.query('select * from orders where id = $1 for update', [id]);
    await inTransaction(archive, async (other) => {
      await other.query('insert into archived (id, total) values ($1, $2) on conflict do nothing', [rows[0].id, rows[0].total]); // ← await-in-transaction
    });
    await client.query('update orders set status = $2 where id = $1', [id, 'archived']);
  });
}

// One after the other is no fault.
async function copyOrder(id) {
  let order;
  await inTransaction(primary, async (client) => {
    order = (await client.query('select * from orders where id = $1', [id])).rows[0];
  });
  await inTransaction(archive, (client) => client.query('select $1::int', [order.total]));
}

for (let round = 0; round < 3; round++) await Promise.all([archiveOrder(1), archiveOrder(2), copyOrder(3)]);
await Promise.all([primary.end(), archive.end()]);
