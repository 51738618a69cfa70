// Gives each request a thread of ten, and each thread a connection, as if code could not wait in any other way.
import { setTimeout as otherWork } from 'node:timers/promises';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { Client } from 'pg';
import { serve } from '../serve.js';
import { ThreadQueue } from './thread-queue.js';

const THREADS = 10;

if (isMainThread) {
  const threads = new ThreadQueue(Array.from({ length: THREADS }, () => new Worker(new URL(import.meta.url))));
  serve({ 'GET /time': () => threads.run(), 'GET /memory': () => `${Math.round(process.memoryUsage().rss / 1e6)} MB of memory` }, () => threads.end());
} else {
  const client = new Client({ connectionString: process.env['DATABASE_URL'] });
  await client.connect();
  const answer = async (): Promise<unknown> => {
    await client.query('begin');
    const { rows } = await client.query('select now()');
    await otherWork(50); // ← the fault: the thread and its connection wait, and do nothing
    await client.query('commit');
    return rows[0];
  };
  parentPort?.on('message', (end: boolean) => {
    if (end) void client.end().then(() => process.exit());
    else void answer().then((time) => parentPort?.postMessage(time));
  });
}
