// pg-cursor and pg-query-stream: rows are read in parts, and done with at once
// rules: await-in-transaction, connection-leak
import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

async function countUsers() {
  const client = await pool.connect();
  let count = 0;
  try {
    await client.query('BEGIN');
    const cursor = client.query(new Cursor('select * from generate_series(1, 300) as id'));
    for (let rows = await cursor.read(100); rows.length > 0; rows = await cursor.read(100)) count += rows.length;
    await cursor.close();
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  return count;
}

async function streamUsers() {
  const client = await pool.connect();
  let sum = 0;
  try {
    await client.query('BEGIN');
    const stream = client.query(new QueryStream('select * from generate_series(1, 300) as id'));
    await pipeline(stream, new Writable({ objectMode: true, write(row, _, done) { sum += row.id; done(); } }));
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  return sum;
}

await Promise.all([countUsers(), countUsers(), streamUsers(), streamUsers()]);
await pool.end();
