/** Test suites under the probe: the runners' worker processes and threads, and what they compile in memory. */
import test from 'ava';
import { join } from 'node:path';
import type { Report } from '../../reports/model.js';
import { folderWith, lifeguard } from '../cli/lifeguard.js';
import { useDatabase } from '../support/database.js';
import { ROOT } from '../support/folder.js';
import { linesOf, recordProgram } from '../support/program.js';

const { database } = useDatabase(test);

const ORDERS = `import pg from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3 });
export async function placeOrder(pause) {
  const client = await pool.connect();
  await client.query('begin');
  await client.query('select 1');
  if (pause) await delay(20);
  await client.query('commit');
  client.release();
}
`;

const suite = (runner: string, pause: boolean): string => `import test from '${runner}';
import { placeOrder, pool } from './orders.mjs';
test('places an order', async (t) => { await placeOrder(${pause}); await pool.end(); t.${runner === 'ava' ? 'pass()' : "diagnostic('placed')"}; });
`;

const AVA = join(ROOT, 'node_modules/ava/entrypoints/cli.mjs');
const RUNNERS: [name: string, runner: string, command: string[]][] = [
  ['ava, in threads', 'ava', [AVA]],
  ['ava, in processes', 'ava', [AVA, '--no-worker-threads']],
  ['node --test', 'node:test', ['--test']],
];

for (const [name, runner, command] of RUNNERS) {
  test(`${name}: an await in a transaction of an ordinary test`, async (t) => {
    const files = { 'package.json': '{}', 'orders.mjs': ORDERS, 'slow.test.mjs': suite(runner, true), 'fast.test.mjs': suite(runner, false) };
    const cwd = folderWith(t, files);
    const env = { DATABASE_URL: await database(), AVA_PATH: '', FORCE_COLOR: '0' };
    const said = await lifeguard(t, ['run', '--format', 'json', '--', process.execPath, ...command, 'slow.test.mjs', 'fast.test.mjs'], { cwd, env });
    t.is(said.status, 1, said.stderr);
    const { findings, run, missing } = JSON.parse(said.stdout) as Report;
    const errors = findings.filter(({ severity }) => severity === 'error');
    t.deepEqual(errors.map(({ rule, callSite, count }) => [rule, callSite?.file, callSite?.line, count]), [['await-in-transaction', 'orders.mjs', 8, 1]]);
    t.deepEqual(missing, []);
    t.is(run.processes.length, 2, 'each test file had a worker of its own');

    const twin = await lifeguard(t, ['run', '--format', 'json', '--', process.execPath, ...command, 'fast.test.mjs'], { cwd, env });
    t.is(twin.status, 0, twin.stdout + twin.stderr);
  });
}

// As vitest does it to its forks, which get no event of it.
const KILLED = `${ORDERS}
await placeOrder(false);
setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1);
`;

test('a worker that is killed as soon as its tests are done leaves them all', async (t) => {
  const env = { DATABASE_URL: await database(), VITEST: 'true', VITEST_POOL_ID: '1' };
  const { signal, traces } = await recordProgram(t, { files: { 'worker.mjs': KILLED }, env });
  t.is(signal, 'SIGKILL');
  // In parts, as it was written while it went on.
  const parts = traces.flatMap((trace) => linesOf(trace, 'checkout'));
  t.is(parts.at(-1)?.outcome, 'released');
  t.is(parts.flatMap(({ q = [] }) => q).length, 3);
});

/** Code as a runner compiles it in memory: ten lines further down, mapped back only by the hook that the runner installs. */
const compiled = (hook: string): string => `
import vm from 'node:vm';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
${hook}
const source = \`(async (pg) => {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query('begin');
  await new Promise((done) => setTimeout(done, 20));
  await client.query('commit');
  await client.end();
})\`;
const run = vm.runInThisContext('\\n'.repeat(10) + source, { filename: '/project/orders.ts' });
await run(require('pg'));
`;

const placesOf = (traces: Awaited<ReturnType<typeof recordProgram>>['traces']): string[] => [
  ...new Set(traces.flatMap((trace) => linesOf(trace, 'stack')).flatMap(({ frames }) => frames.filter(([, file]) => file === '/project/orders.ts').map(([, , line]) => String(line)))),
];

test('the lines of code that a runner compiled in memory are those of its source', async (t) => {
  const hook = `
    const wrapCallSite = (site) => \`\${site.getFunctionName() ?? '<anonymous>'} (\${site.getFileName()}:\${site.getLineNumber() - 10}:\${site.getColumnNumber()})\`;
    Error.prepareStackTrace = (error, sites) => String(error) + sites.map((site) => '\\n    at ' + wrapCallSite(site)).join('');`;
  const { status, stderr, traces } = await recordProgram(t, { files: { 'runner.mjs': compiled(hook) }, env: { DATABASE_URL: await database() } });
  t.is(status, 0, stderr);
  const places = placesOf(traces);
  t.true(places.includes('5'), places.join());
  t.false(places.some((line) => Number(line) > 10), places.join());
});

test('a hook of the program itself is never called, and one that throws hides nothing', async (t) => {
  const own = `globalThis.calls = 0; Error.prepareStackTrace = () => { globalThis.calls += 1; return ''; }; process.on('exit', () => console.log('calls', globalThis.calls));`;
  const env = { DATABASE_URL: await database() };
  const left = await recordProgram(t, { files: { 'own.mjs': compiled(own) }, env });
  t.is(left.stdout, 'calls 0\n');
  t.true(placesOf(left.traces).includes('15'));
  const throwing = await recordProgram(t, { files: { 'throwing.mjs': compiled(`Error.prepareStackTrace = () => { throw new Error('wrapCallSite'); };`) }, env });
  t.is(throwing.status, 0, throwing.stderr);
  t.true(placesOf(throwing.traces).includes('15'));
});
