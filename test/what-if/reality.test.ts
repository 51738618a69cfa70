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
const isNear = (foretold: number, real: number): boolean => foretold > real / 2 && foretold < real * 2;

/** What was measured one after the other can be compared only if the machine was as busy all the time: it has more than one try. */
const TRIES = 3;

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
  let differences: string[] = [];
  for (let nr = 1; nr <= TRIES; nr += 1) {
    differences = await compareWithReality(t, cwd, `${nr}-`, DATABASE_URL);
    if (differences.length === 0) break;
    t.log(differences);
  }
  t.deepEqual(differences, []);
});

/** In words, what came otherwise than foretold. */
async function compareWithReality(t: ExecutionContext, cwd: string, prefix: string, DATABASE_URL: string): Promise<string[]> {
  const [faulty, fixed, twenty] = [`${prefix}faulty`, `${prefix}fixed`, `${prefix}twenty`];
  await recordAt20(t, cwd, faulty, join(ROOT, 'dist/scenarios/eleventh-request/faulty.js'), { DATABASE_URL });
  const { recorded, replayed, answers } = await ask(t, cwd, faulty);
  const awaiting = answers.flatMap(({ change }) => change.without).find(({ rule }) => rule === 'await-in-transaction');
  const [without] = (await ask(t, cwd, faulty, '--without', awaiting?.fingerprint ?? '')).answers;
  const [larger] = (await ask(t, cwd, faulty, '--pool-max', '20')).answers;
  await recordAt20(t, cwd, fixed, join(ROOT, 'dist/scenarios/eleventh-request/fixed.js'), { DATABASE_URL });
  await recordAt20(t, cwd, twenty, 'app.mjs', { DATABASE_URL, MAX: '20' });
  const real = { without: (await ask(t, cwd, fixed)).recorded, larger: (await ask(t, cwd, twenty)).recorded };
  const each = ({ heldMs, checkoutsPerSecond }: WhatIf['recorded']): number => heldMs / checkoutsPerSecond;

  const differences: string[] = [];
  const expect = (holds: boolean, what: string): void => void (holds || differences.push(what));
  const near = (foretold: number, measured: number, what: string): void => expect(isNear(foretold, measured), `${what}: foretold ${foretold}, real ${measured}`);
  expect(answers[0]?.change.without[0]?.rule === 'await-in-transaction', 'it helps more than a pool of twenty does');
  expect(replayed.starvesAt === 11, `starves at ${replayed.starvesAt}`);
  near(replayed.loads.following.checkoutsPerSecond, recorded.checkoutsPerSecond, 'throughput, unchanged');
  near(replayed.loads.following.wait.p50Ms, recorded.wait.p50Ms, 'wait, unchanged');
  // The load generator's requests follow each other.
  near(without?.loads.following.checkoutsPerSecond ?? 0, real.without.checkoutsPerSecond, 'throughput without the await');
  near(larger?.loads.following.checkoutsPerSecond ?? 0, real.larger.checkoutsPerSecond, 'throughput with a pool of twenty');
  for (const [name, foretold, measured] of [['without', without, real.without], ['twenty', larger, real.larger]] as const) {
    expect((foretold?.loads.following.wait.p50Ms ?? Infinity) < recorded.wait.p50Ms / 4, `${name}: foretold`);
    expect(measured.wait.p50Ms < recorded.wait.p50Ms / 4, `${name}: real, ${measured.wait.p50Ms} ms`);
  }
  // By how much depends on how long the statements take that are left, which are the longer the busier the machine is.
  expect((without?.heldMs ?? Infinity) < (larger?.heldMs ?? 0), `foretold: connections are held for less: ${without?.heldMs} of ${larger?.heldMs} ms`);
  expect(each(real.without) < each(real.larger), `so it was: connections are held for less: ${each(real.without)} of ${each(real.larger)} ms`);
  return differences;
}

test('what makes no sense is one line', async (t) => {
  const cwd = folderWith(t, { 'text.ndjson': 'hello\n' });
  isOneLine(t, await lifeguard(t, ['whatif'], { cwd }), /no trace to whatif/);
  isOneLine(t, await lifeguard(t, ['whatif', 'text.ndjson'], { cwd }), /is no pg-lifeguard trace/);
  isOneLine(t, await lifeguard(t, ['whatif', 'text.ndjson', '--pool-max', '0'], { cwd }), /--pool-max is "0", expected a whole number from 1/);
  isOneLine(t, await lifeguard(t, ['whatif', 'text.ndjson', '--format', 'html'], { cwd }), /--format is "html", expected one of terminal, json/);
});
