/**
 * Blocks its event loop in the way that its first argument names, until the file GO is there, and then ends as its second
 * argument says.
 */
import { execFileSync, execSync } from 'node:child_process';
import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import pg from 'pg';

const { GO } = process.env;
const FIFO = `${GO}.fifo`;

async function main() {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const [kind, end] = process.argv.slice(2);
  if (kind === 'readFileSync') execFileSync('mkfifo', [FIFO]);
  const worker = new Worker(new URL(import.meta.url), { workerData: flag });
  await once(worker, 'online');
  // Nobody listens there: enough to be recorded.
  await new pg.Pool({ port: 1 }).query('select 1').catch(() => {});
  await delay(300);
  await kinds[kind](flag);
  if (end === 'exit') process.exit(7);
  if (end === 'throw') throw new Error('on purpose');
  if (end === 'kill') process.kill(process.pid, 'SIGTERM');
}

/** What takes the longer the larger it is, until somebody has seen it. Its input is made in a turn of its own, as that takes long too. */
async function everLarger(what, make = (size) => size) {
  for (let size = 1; !existsSync(GO); size++) {
    const input = make(size);
    await delay(100);
    what(input);
    await delay(100);
  }
}

function makeRows(size) {
  return Array.from({ length: size * 100_000 }, (_, id) => ({ id, name: 'somebody' }));
}

function after(value) {
  let sum = 0;
  for (let i = 0; i < 100; i++) sum += i;
  return [value, sum];
}

const kinds = {
  loop(flag) {
    while (Atomics.load(flag, 0) === 0); // ← loop
  },
  wait(flag) {
    Atomics.wait(flag, 0, 0); // ← wait
  },
  execSync() {
    execSync('until [ -e "$GO" ]; do sleep 0.02; done'); // ← execSync
  },
  execFileSync() {
    execFileSync('sh', ['-c', 'until [ -e "$GO" ]; do sleep 0.02; done']); // ← execFileSync
  },
  readFileSync() {
    const text = readFileSync(FIFO, 'utf8'); // ← readFileSync
    return after(text);
  },
  pbkdf2Sync: () =>
    everLarger((size) => {
      const key = pbkdf2Sync('secret', 'salt', size * 200_000, 64, 'sha512'); // ← pbkdf2Sync
      return after(key);
    }),
  scryptSync: () =>
    everLarger((size) => {
      const key = scryptSync('secret', 'salt', 64, { N: 1 << 14, p: size * 2 }); // ← scryptSync
      return after(key);
    }),
  parse: () =>
    everLarger((text) => {
      const rows = JSON.parse(text); // ← parse
      return after(rows);
    }, (size) => `[${`{"id":1,"name":"somebody"},`.repeat(size * 200_000)}0]`),
  stringify: () =>
    everLarger((rows) => {
      const text = JSON.stringify(rows); // ← stringify
      return after(text);
    }, makeRows),
  structuredClone: () =>
    everLarger((rows) => {
      const clone = structuredClone(rows); // ← structuredClone
      return after(clone);
    }, makeRows),
  expression: () =>
    everLarger((size) => {
      const matches = /^(a+)+$/.test(`${'a'.repeat(20 + size)}b`); // ← expression
      return after(matches);
    }),
};

/** Another thread looks for the file meanwhile. */
if (!isMainThread) {
  const timer = setInterval(() => {
    if (!existsSync(GO)) return;
    clearInterval(timer);
    Atomics.store(workerData, 0, 1);
    Atomics.notify(workerData, 0);
    if (existsSync(FIFO)) writeFileSync(FIFO, 'there');
  }, 20);
} else await main();
