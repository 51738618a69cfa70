/** `--deep` as a user has it: on the flagship, on a command that is ended, and where clinic cannot serve. */
import test, { type ExecutionContext } from 'ava';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../reports/model.js';
import { findMarkedLine } from '../../scenarios/scenario.js';
import { folderWith, lifeguard, recordForLong, type Said } from '../cli/lifeguard.js';
import { useDatabase } from '../support/database.js';
import { ROOT, temporaryFolder } from '../support/folder.js';
import { closedPort } from '../support/http-service.js';
import { runProgram } from '../support/program.js';
import { lineOf, recordDeep, SERVES } from './record-deep.js';

const { database } = useDatabase(test);
/** These need a node that clinic can follow. */
const served = SERVES ? test.serial : test.serial.skip;

const FLAGSHIP = join(ROOT, 'dist/scenarios/eleventh-request/faulty.js');
const SOURCE = join(ROOT, 'scenarios/eleventh-request/faulty.ts');

/** Holds a transaction open now and then, for ever or a number of times. */
const SLEEPER = `import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
for (let round = 0; round < Number(process.env.ROUNDS ?? 1e9); round++) {
  const client = await pool.connect();
  await client.query('begin');
  await sleep(5); // the wait
  await client.query('commit');
  client.release();
  if (round === 20) console.log('round 20');
}
await pool.end();
`;

function wordsOf({ words }: Said): string[] {
  return words.map((word) => word.replace('lifeguard: ', '')).filter((word) => word.startsWith('--deep'));
}

served('the flagship: the timer at its line, in every report, with the graph beside it, and again from the traces', async (t) => {
  const cwd = folderWith(t, {});
  const port = await closedPort();
  const load = ['--load', `http://127.0.0.1:${port}/`, '--connections', '2', '--seconds', '1'];
  const said = await lifeguard(t, ['run', '--deep', '--format', 'json', '--out', 'traces', ...load, '--', 'node', FLAGSHIP], {
    cwd,
    env: { DATABASE_URL: await database(), PORT: String(port) },
  });
  t.is(said.status, 1, said.stderr);
  t.regex(wordsOf(said).join('\n'), /^--deep: \d+ chains of asynchronous operations, and clinic's graph, beside the traces$/);
  const report = JSON.parse(said.stdout) as Report;
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(JSON.parse(readFileSync(join(ROOT, 'reports/report.schema.json'), 'utf8')));
  t.true(validate(report), JSON.stringify(validate.errors));
  const finding = report.findings.find(({ rule }) => rule === 'await-in-transaction');
  const line = findMarkedLine(SOURCE, 'the fault');
  t.is(finding?.callSite?.line, line);
  const deep = finding?.evidence.deep;
  if (deep === undefined) throw new Error('there is no chain');
  t.true(deep.agrees > 0 && deep.differs === 0, deep.says);
  t.regex(deep.says, /^a timer \(Timeout\) ended the wait at .*faulty\.ts:\d+$/);
  for (const { steps } of deep.chains) {
    t.true(steps.some(({ type, role, frames }) => type === 'Timeout' && role === 'completed' && frames[0]?.line === line), JSON.stringify(steps));
    t.true(steps.some(({ type }) => type === 'HTTPINCOMINGMESSAGE'), 'it reaches back to the request');
  }

  const graph = deep.graph ?? '';
  t.regex(graph, /^traces\/[\w.-]+\.clinic\.html$/);
  const page = readFileSync(join(cwd, graph), 'utf8');
  t.true(page.includes('id="clinic-data"') && page.includes(`default-src 'none'`), 'clinic\'s page, and it may ask nobody for anything');
  t.deepEqual(readdirSync(join(cwd, 'traces')).filter((name) => name.startsWith('deep-')), [], "clinic's data is gone");
  t.true(readFileSync(join(cwd, 'traces/lifeguard-report.html'), 'utf8').includes(`"graph":"${graph.replace('traces/', '')}"`), 'the page links to it by its name');

  const again = await lifeguard(t, ['report', 'traces', '--format', 'json'], { cwd });
  t.deepEqual((JSON.parse(again.stdout) as Report).findings.find(({ rule }) => rule === 'await-in-transaction')?.evidence.deep, deep);
  const terminal = await lifeguard(t, ['report', 'traces'], { cwd });
  t.regex(terminal.stdout, /async_hooks agrees: a timer \(Timeout\) ended the wait at/);
});

served('--duration ends a program that knows no SIGTERM, and nothing is lost', async (t) => {
  const cwd = folderWith(t, { 'sleeper.mjs': SLEEPER });
  const isFar = ({ stdout }: Said): boolean => stdout.includes('round 20\n');
  const said = await recordForLong(t, 3, ['--deep', '--out', 'traces', '--', 'node', 'sleeper.mjs'], isFar, { cwd, env: { DATABASE_URL: await database() } });
  t.is(said.status, 0, said.stderr);
  t.regex(wordsOf(said).join('\n'), /^--deep: \d+ chains of asynchronous operations, and clinic's graph, beside the traces$/);
  const report = JSON.parse((await lifeguard(t, ['report', 'traces', '--format', 'json'], { cwd })).stdout) as Report;
  const finding = report.findings.find(({ rule }) => rule === 'await-in-transaction');
  t.is(finding?.callSite?.line, lineOf(SLEEPER, '// the wait'));
  t.is(finding?.evidence.deep?.differs, 0);
});

async function recordWithout(t: ExecutionContext, program: string, env: NodeJS.ProcessEnv = {}): Promise<Said> {
  const cwd = folderWith(t, { 'program.mjs': program, 'sleeper.mjs': SLEEPER });
  const said = await lifeguard(t, ['record', '--deep', '--out', 'traces', '--', 'node', 'program.mjs'], { cwd, env: { DATABASE_URL: await database(), ROUNDS: '3', ...env } });
  t.true(readdirSync(join(cwd, 'traces')).some((name) => name.endsWith('.ndjson')), 'our trace is there');
  t.is(wordsOf(said).length, 1, said.stderr);
  const report = JSON.parse((await lifeguard(t, ['report', 'traces', '--format', 'json'], { cwd })).stdout) as Report;
  t.true(report.findings.some(({ rule, evidence }) => rule === 'await-in-transaction' && evidence.deep === undefined));
  return said;
}

const LATER_NODE = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '26.10.0' } });
Object.defineProperty(process, 'version', { value: 'v26.10.0' });
`;

test.serial('a node without the events: one line, and the program and our trace are as ever', async (t) => {
  const preload = folderWith(t, { 'later.mjs': LATER_NODE });
  const said = await recordWithout(t, SLEEPER, { NODE_OPTIONS: `--import=${join(preload, 'later.mjs')}` });
  t.is(said.status, 0, said.stderr);
  t.is(wordsOf(said)[0], '--deep: clinic cannot follow node 26.10.0, which lacks its events; the report goes on without chains');
});

served('a program that is killed: one line', async (t) => {
  // Not before its trace is there: the thread that writes takes its time to start.
  const end = `const { readdirSync, readFileSync } = await import('node:fs');
const isWritten = () => readdirSync(process.env.LIFEGUARD_DIR).some((name) => name.endsWith('.ndjson') && readFileSync(\`\${process.env.LIFEGUARD_DIR}/\${name}\`, 'utf8').includes('"outcome":"released"'));
while (!isWritten()) await sleep(20);
process.kill(process.pid, 'SIGKILL');`;
  const said = await recordWithout(t, SLEEPER.replace('await pool.end();', end));
  t.is(said.status, 137);
  t.regex(wordsOf(said)[0] ?? '', /^--deep: process \d+ was ended by force, and what clinic had not written is lost; the report goes on without chains$/);
});

test.serial('worker threads: one line', async (t) => {
  const said = await recordWithout(t, "import { Worker } from 'node:worker_threads';\nnew Worker(new URL('./sleeper.mjs', import.meta.url));\n");
  t.is(said.status, 0, said.stderr);
  t.is(wordsOf(said)[0], '--deep: clinic follows no worker threads; the report goes on without chains');
});

test.serial('clinic is not installed: one line', async (t) => {
  const tool = temporaryFolder(t);
  cpSync(join(ROOT, 'dist'), join(tool, 'dist'), { recursive: true, filter: (source) => !source.includes(join('dist', 'test')) });
  cpSync(join(ROOT, 'package.json'), join(tool, 'package.json'));
  mkdirSync(join(tool, 'node_modules'));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) if (name !== '@clinic') symlinkSync(join(ROOT, 'node_modules', name), join(tool, 'node_modules', name));
  const cwd = folderWith(t, { 'sleeper.mjs': SLEEPER });
  const said = await runProgram(t, {
    files: {},
    entry: join('..', '..', tool, 'dist/cli/main.js'),
    args: ['record', '--deep', '--out', join(cwd, 'traces'), '--', 'node', join(cwd, 'sleeper.mjs')],
    env: { DATABASE_URL: await database(), ROUNDS: '2' },
  });
  t.is(said.status, 0, said.stderr);
  t.regex(said.stderr, /^lifeguard: --deep: @clinic\/bubbleprof is not installed \(npm install @clinic\/bubbleprof\); going on without it\nlifeguard: 1 trace in /);
  t.false(existsSync(join(cwd, 'traces/deep-')));
});

served('a run that is too big: the chains of its beginning, and a word', async (t) => {
  const { status, said, directory } = await recordDeep(t, { files: { 'sleeper.mjs': SLEEPER }, env: { DATABASE_URL: await database(), ROUNDS: '60' }, mostOperations: 700 });
  t.is(status, 0);
  t.is(said.length, 2, said.join('\n'));
  t.regex(said[1] ?? '', /^lifeguard: --deep: it ended after 700 operations, which is as much as can be joined; what came later has no chain$/);
  t.true(readdirSync(directory).some((name) => name.endsWith('.deep.json')));
});

const ODD = `import pg from 'pg';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
await pool.query('select 1');
await pool.end();
let again = 2;
process.on('beforeExit', () => {
  console.log('beforeExit', again, process.listenerCount('SIGINT'), process.listenerCount('SIGTERM'), Object.hasOwn(Error, 'prepareStackTrace') && Error.prepareStackTrace !== undefined, Error.stackTraceLimit);
  if (again-- > 0) setTimeout(() => console.log('more'), 1);
  else process.exitCode = 3;
});
`;

served('the program does what it does without: its last words, its signals, its errors, its status', async (t) => {
  const options = { files: { 'odd.mjs': ODD }, env: { DATABASE_URL: await database() } };
  const alone = await runProgram(t, options);
  const { status, stdout, stderr } = await recordDeep(t, options);
  t.deepEqual({ status, stdout, stderr }, { status: alone.status, stdout: alone.stdout, stderr: alone.stderr });
  t.is(status, 3);
});
