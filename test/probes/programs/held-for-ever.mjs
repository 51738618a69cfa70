/**
 * One checkout with a statement that runs, two that wait with a transaction open, one that waits in the queue. Says so when
 * all of that has gone on for a while, and then does what its argument says.
 */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startSlowServer } from './slow-server.mjs';
import { makePool, transaction } from './transactions.mjs';

const server = await startSlowServer();

async function ask() {
  const response = await fetch(`${server.url}/never`); // ← http
  return response.text();
}

const pool = makePool({ max: 3 });
await pool.query('select 1 as "before"');
const begun = [];
function begin(name, body) {
  void transaction(name, (client) => (begun.push(name), body(client)), pool);
}
begin('runs a statement', (client) => client.query('select pg_sleep(600)'));
begin('awaits something else', () => delay(600_000)); // ← timer
begin('awaits a request', async () => {
  setTimeout(() => {}, 600_000);
  await ask();
});
while (begun.length < 3) await delay(5);
void pool.query('select 1 as "in the queue"');
await delay(1000);
// Where GO is a file's name, it is made by whoever has seen all of that in the trace.
const { GO } = process.env;
if (GO !== undefined) while (!existsSync(GO)) await delay(20);

const [what] = process.argv.slice(2);
if (what === 'exit') process.exit(7);
if (what === 'throw') throw new Error('thrown on purpose');
if (what === 'reject') void Promise.reject(new Error('rejected on purpose'));
if (what === 'abort') process.abort();
console.log('ready');
if (what === 'freeze') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
