/** What was foretold against what then really ran. */
import test, { type ExecutionContext } from 'ava';
import { join } from 'node:path';
import type { WhatIf } from '../../reports/what-if/model.js';
import { folderWith, isOneLine, lifeguard } from '../cli/lifeguard.js';
import { useDatabase } from '../support/database.js';
import { ROOT } from '../support/folder.js';
import { closedPort } from '../support/http-service.js';

const { database } = useDatabase(test);

/** The flagship's faulty variant with a pool of its own size. */
const SERVICE = `
  import { createServer } from 'node:http';
  import pg from 'pg';
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.MAX) });
  createServer(async (request, response) => {
    const client = await pool.connect();
    await client.query('begin');
    await client.query('select now()');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.query('commit');
    client.release();
    response.end('done');
  }).listen(Number(process.env.PORT), '127.0.0.1');`;

/** Machines are busy: half as much, or twice as much, is the order of magnitude. */
function isNear(t: ExecutionContext, foretold: number, real: number, what: string): void {
  t.true(foretold > real / 2 && foretold < real * 2, `${what}: foretold ${foretold}, real ${real}`);
}

async function recordAt20(t: ExecutionContext, cwd: string, out: string, file: string, env: NodeJS.ProcessEnv): Promise<void> {
  const port = await closedPort();
  const words = ['record', '--out', out, '--load', `http://127.0.0.1:${port}/`, '--connections', '20', '--seconds', '3', '--', 'node', file];
  const { status, stderr } = await lifeguard(t, words, { cwd, env: { ...env, PORT: String(port) } });
  t.is(status, 0, stderr);
}

async function ask(t: ExecutionContext, cwd: string, ...words: string[]): Promise<WhatIf> {
  const { stdout, stderr, status } = await lifeguard(t, ['whatif', ...words, '--format', 'json'], { cwd });
  t.is(status, 0, stderr);
  return JSON.parse(stdout) as WhatIf;
}

test('the flagship without its await, and with a pool of twenty: as it was foretold', async (t) => {
  const cwd = folderWith(t, { 'app.mjs': SERVICE });
  const DATABASE_URL = await database();
  await recordAt20(t, cwd, 'faulty', join(ROOT, 'dist/scenarios/eleventh-request/faulty.js'), { DATABASE_URL });
  const any = await ask(t, cwd, 'faulty');
  const awaiting = any.answers.flatMap(({ change }) => change.without).find(({ rule }) => rule === 'await-in-transaction');
  t.is(any.answers[0]?.change.without[0]?.rule, 'await-in-transaction', 'it helps more than a pool of twenty does');
  t.is(any.replayed.starvesAt, 11);
  isNear(t, any.replayed.loads.following.checkoutsPerSecond, any.recorded.checkoutsPerSecond, 'throughput, unchanged');
  isNear(t, any.replayed.loads.following.wait.p50Ms, any.recorded.wait.p50Ms, 'wait, unchanged');

  const [without] = (await ask(t, cwd, 'faulty', '--without', awaiting?.fingerprint ?? '')).answers;
  const [twenty] = (await ask(t, cwd, 'faulty', '--pool-max', '20')).answers;
  await recordAt20(t, cwd, 'fixed', join(ROOT, 'dist/scenarios/eleventh-request/fixed.js'), { DATABASE_URL });
  await recordAt20(t, cwd, 'twenty', 'app.mjs', { DATABASE_URL, MAX: '20' });
  const fixed = (await ask(t, cwd, 'fixed')).recorded;
  const larger = (await ask(t, cwd, 'twenty')).recorded;

  // The load generator's requests follow each other.
  isNear(t, without?.loads.following.checkoutsPerSecond ?? 0, fixed.checkoutsPerSecond, 'throughput without the await');
  isNear(t, twenty?.loads.following.checkoutsPerSecond ?? 0, larger.checkoutsPerSecond, 'throughput with a pool of twenty');
  for (const [name, foretold, real] of [['without', without, fixed], ['twenty', twenty, larger]] as const) {
    t.true((foretold?.loads.following.wait.p50Ms ?? Infinity) < any.recorded.wait.p50Ms / 4, `${name}: foretold`);
    t.true(real.wait.p50Ms < any.recorded.wait.p50Ms / 4, `${name}: real, ${real.wait.p50Ms} ms`);
  }
  t.true((without?.heldMs ?? Infinity) < (twenty?.heldMs ?? 0) / 4);
  const each = ({ heldMs }: { heldMs: number }, { checkoutsPerSecond }: { checkoutsPerSecond: number }): number => heldMs / checkoutsPerSecond;
  t.true(each(fixed, fixed) < each(larger, larger) / 2, 'so it was: connections are held for less');
});

test('what makes no sense is one line', async (t) => {
  const cwd = folderWith(t, { 'text.ndjson': 'hello\n' });
  isOneLine(t, await lifeguard(t, ['whatif'], { cwd }), /no trace to whatif/);
  isOneLine(t, await lifeguard(t, ['whatif', 'text.ndjson'], { cwd }), /is no pg-lifeguard trace/);
  isOneLine(t, await lifeguard(t, ['whatif', 'text.ndjson', '--pool-max', '0'], { cwd }), /--pool-max is "0", expected a whole number from 1/);
  isOneLine(t, await lifeguard(t, ['whatif', 'text.ndjson', '--format', 'html'], { cwd }), /--format is "html", expected one of terminal, json/);
});
