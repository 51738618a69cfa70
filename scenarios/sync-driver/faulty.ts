// A page, and a report whose query is made to look synchronous: it is run in a thread, and waited for.
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { Pool } from 'pg';
import { serve } from '../serve.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

const { port1: answers, port2 } = new MessageChannel();
const done = new Int32Array(new SharedArrayBuffer(4));
const driver = new Worker(new URL('./driver-thread.js', import.meta.url), { workerData: { answers: port2, done }, transferList: [port2] });

function querySync(sql: string): unknown[] {
  Atomics.store(done, 0, 0);
  driver.postMessage(sql);
  Atomics.wait(done, 0, 0); // ← the fault: nothing else runs until the database has answered
  return receiveMessageOnPort(answers)?.message as unknown[];
}

async function showReport(): Promise<unknown> {
  return querySync('select count(*) from sales, pg_sleep(0.12)')[0];
}

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select now()');
  return rows[0];
}

serve({ 'GET /report': showReport, 'GET /page': showPage }, async () => {
  driver.postMessage(null);
  await pool.end();
  answers.close();
});
