/** A program that waits for three kinds of things in its transactions, two of them behind a helper. */
export const WAITS = `import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import pg from 'pg';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3 });
async function inTransaction(work) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select 1');
    await work();
    await client.query('commit');
  } finally {
    client.release();
  }
}
async function charge() {
  const answer = await fetch(process.env.SERVICE_URL); // fetch
  await answer.text();
}
async function readConfig() {
  await readFile(import.meta.filename, 'utf8'); // file
}
async function render() {
  await promisify(execFile)(process.execPath, ['--version'], { env: {} }); // child
}
for (let round = 0; round < 2; round++) {
  await Promise.all([inTransaction(charge), inTransaction(readConfig), inTransaction(render)]);
}
await pool.end();
`;
