// pg-cursor and pg-query-stream: rows are read in parts, and something slow is done between the parts
// rules: await-in-transaction
import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { setTimeout as sleep } from 'node:timers/promises';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

async function exportUsers() {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const cursor = client.query(new Cursor('select * from generate_series(1, 30) as id'));
    for (let rows = await cursor.read(10); rows.length > 0; rows = await cursor.read(10)) {
      await fetch(`${process.env.SERVICE_URL}/index`, { method: 'POST', body: String(rows.length) }); // ← await-in-transaction
    }
    await cursor.close();
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

async function streamUsers() {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const stream = client.query(new QueryStream('select * from generate_series(1, 6) as id', [], { batchSize: 2 }));
    let count = 0;
    for await (const row of stream) {
      count += row.id;
    }
    await sleep(10); // ← await-in-transaction
    await client.query('select $1::int as sum', [count]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

await Promise.all([exportUsers(), exportUsers(), streamUsers(), streamUsers()]);
await pool.end();
