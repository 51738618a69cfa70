// pg-query-stream: pipelines, for await, a generator, a slow consumer
// rules: await-in-transaction
import pg from 'pg';
import QueryStream from 'pg-query-stream';
import { pipeline } from 'node:stream/promises';
import { Transform, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWriteStream } from 'node:fs';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 5, connectionTimeoutMillis: 60_000 });
// clean: stream to a transform and a memory sink
async function exportAll() {
  const client = await pool.connect();
  try {
    await client.query('begin read only');
    const stream = client.query(new QueryStream('select generate_series(1, 2000) as n'));
    let n = 0;
    await pipeline(stream, new Transform({ objectMode: true, transform(row, _e, cb) { cb(null, JSON.stringify(row) + '\n'); } }), new Writable({ write(c, _e, cb) { n += c.length; cb(); } }));
    await client.query('commit');
    return n;
  } finally {
    client.release();
  }
}
async function* rows(client, sql) {
  const stream = client.query(new QueryStream(sql, [], { batchSize: 10 }));
  for await (const row of stream) yield row;
}
async function enrich() {
  const client = await pool.connect();
  try {
    await client.query('begin');
    for await (const row of rows(client, 'select n as sku from generate_series(1, 12) as n')) {
      await fetch(`${process.env.SERVICE_URL}/stock/${row.sku}?ms=3`); // ← await-in-transaction
    }
    await client.query('commit');
  } finally {
    client.release();
  }
}
async function slowSink() {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const stream = client.query(new QueryStream('select generate_series(1, 300) as n', [], { batchSize: 20, highWaterMark: 20 }));
    await pipeline(stream, new Writable({ objectMode: true, highWaterMark: 10, write(row, _e, cb) { row.n % 50 === 0 ? setTimeout(cb, 5) : cb(); } })); // ← await-in-transaction
    await client.query('commit');
  } finally {
    client.release();
  }
}
for (let i = 0; i < 4; i++) await Promise.all([exportAll(), enrich(), slowSink(), exportAll()]);
await pool.end();
