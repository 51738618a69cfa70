// A thread that runs queries for one that waits for them.
import { Client } from 'pg';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';

const { answers, done } = workerData as { answers: MessagePort; done: Int32Array };
const client = new Client({ connectionString: process.env['DATABASE_URL'] });
await client.connect();

async function run(sql: string): Promise<void> {
  const { rows } = await client.query(sql);
  answers.postMessage(rows);
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
}

parentPort?.on('message', (sql: string | null) => {
  if (sql !== null) void run(sql);
  else void client.end().then(() => process.exit());
});
