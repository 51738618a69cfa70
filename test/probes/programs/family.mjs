/** A main thread, a worker thread, a forked child and a cluster worker, each with a pool of its own. */
import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread } from 'node:worker_threads';
import { makePool } from './transactions.mjs';

const SELF = new URL(import.meta.url);

async function use(name) {
  const pool = makePool({ max: 1 });
  await pool.query(`select 1 as "${name}"`);
  await pool.end();
  if (name !== 'main') return;
  await once(new Worker(SELF), 'exit');
  await once(fork(fileURLToPath(SELF), ['forked']), 'exit');
  cluster.setupPrimary({ args: ['clustered'] });
  await once(cluster.fork(), 'exit');
}

const [role = 'main'] = process.argv.slice(2);
await use(isMainThread ? role : 'worker');
if (cluster.isWorker) cluster.worker.disconnect();
