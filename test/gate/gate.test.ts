/** The gate on a real program: with a fault, with its baseline, with moved lines, and with a new fault beside it. */
import test, { type ExecutionContext } from 'ava';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../reports/model.js';
import { folderWith, isOneLine, lifeguard, type Said } from '../cli/lifeguard.js';
import { cleanTrace, idleTrace, traceWithAwait } from '../cli/traces.js';
import { useDatabase } from '../support/database.js';

const { database } = useDatabase(test);

/** Two transactions; each awaits a timer inside if it is faulty. */
function program(faults: { order: boolean; invoice: boolean }): string {
  const pause = (faulty: boolean): string => (faulty ? 'await delay(20);' : '');
  return `import pg from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
async function placeOrder() {
  const client = await pool.connect();
  await client.query('begin');
  await client.query('select 1');
  ${pause(faults.order)}
  await client.query('commit');
  client.release();
}
async function writeInvoice() {
  const client = await pool.connect();
  await client.query('begin');
  await client.query('select 2');
  ${pause(faults.invoice)}
  await client.query('commit');
  client.release();
}
await placeOrder();
await writeInvoice();
await pool.end();
`;
}

async function recordInto(t: ExecutionContext, cwd: string, out: string, text: string): Promise<void> {
  writeFileSync(join(cwd, 'app.mjs'), text);
  const said = await lifeguard(t, ['record', '--out', out, '--', process.execPath, 'app.mjs'], { cwd, env: { DATABASE_URL: await database() } });
  t.is(said.status, 0, said.stderr);
}

test('a fault fails; known it passes, on other lines too; a new one beside it fails', async (t) => {
  const cwd = folderWith(t, {});
  const check = (traces: string, ...words: string[]): Promise<Said> => lifeguard(t, ['check', traces, ...words], { cwd });
  await recordInto(t, cwd, 'faulty', program({ order: true, invoice: false }));
  t.is((await check('faulty')).status, 1);

  const written = await check('faulty', '--update-baseline');
  t.is(written.status, 0, written.stdout);
  t.regex(written.stderr, /^lifeguard: lifeguard-baseline\.json: 1 added, 0 removed, 0 kept$/m);
  const baseline = readFileSync(join(cwd, 'lifeguard-baseline.json'), 'utf8');
  t.regex(baseline, /"title": "Await inside an open transaction: placeOrder in app\.mjs \(a timer\)"/);

  await recordInto(t, cwd, 'moved', `// moved\n\n\n${program({ order: true, invoice: false })}`);
  const moved = await check('moved');
  t.is(moved.status, 0, moved.stdout);
  t.regex(moved.stdout, /^Nothing new: 1 finding, known or ignored\.$/m);
  t.regex(moved.stdout, /^known .*app\.mjs:11: .*\(await-in-transaction\)$/m);
  t.deepEqual(moved.words, ['lifeguard: 1 finding known from lifeguard-baseline.json']);
  await check('moved', '--update-baseline');
  t.is(readFileSync(join(cwd, 'lifeguard-baseline.json'), 'utf8'), baseline, 'written again, it is the same');

  await recordInto(t, cwd, 'new', program({ order: true, invoice: true }));
  const added = await check('new');
  t.is(added.status, 1);
  t.notRegex(added.stdout, /Nothing new/);
  t.regex(added.stdout, /^error .*app\.mjs:16: .*writeInvoice.*\(await-in-transaction\)$/m);
  t.regex(added.stdout, /^known .*app\.mjs:8: .*placeOrder/m);

  await recordInto(t, cwd, 'fixed', program({ order: false, invoice: false }));
  const fixed = await check('fixed');
  t.is(fixed.status, 0, fixed.stdout);
  t.regex(fixed.stderr, /^lifeguard: no longer found, can be deleted from lifeguard-baseline\.json: [0-9a-f]{16} Await inside an open transaction: placeOrder in app\.mjs/m);
});

test('run heeds the baseline and the configuration, too', async (t) => {
  const cwd = folderWith(t, { 'app.mjs': program({ order: true, invoice: false }) });
  const env = { DATABASE_URL: await database() };
  const run = (...words: string[]): Promise<Said> => lifeguard(t, ['run', '--out', 'traces', ...words, '--', process.execPath, 'app.mjs'], { cwd, env });
  const found = await run('--format', 'json');
  t.is(found.status, 1, found.stderr);
  const { fingerprint } = (JSON.parse(found.stdout) as Report).findings.find(({ rule }) => rule === 'await-in-transaction') ?? { fingerprint: '' };
  writeFileSync(join(cwd, 'lifeguard.config.json'), JSON.stringify({ ignore: [{ fingerprint, reason: 'as agreed' }] }));
  const ignored = await run();
  t.is(ignored.status, 0, ignored.stderr);
  t.regex(ignored.stderr, /^lifeguard: 1 finding ignored$/m);
  writeFileSync(join(cwd, 'lifeguard.config.json'), JSON.stringify({ ignore: [{ fingerprint, reason: 'as agreed' }], limits: { gapMaxMs: 1 } }));
  const limited = await run('--format', 'json');
  t.is(limited.status, 1, limited.stderr);
  t.regex(limited.stderr, /^lifeguard: 1 finding ignored, 1 of 1 limit exceeded$/m);
});

test('check says which limit is exceeded, how much was measured, and where', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait(), 'lifeguard.config.json': JSON.stringify({ rules: { 'await-in-transaction': 'warning' }, limits: { transactionMaxMs: 500, waitP99Ms: 5000 } }) });
  const said = await lifeguard(t, ['check', '1.ndjson'], { cwd });
  t.is(said.status, 1);
  t.regex(said.stdout, /^limit {4}orders\.js:88: The longest transaction takes 805 ms \(limit 500 ms\); it is begun by placeOrder \(limits\.transactionMaxMs\)$/m);
  t.notRegex(said.stdout, /waitP99Ms/);
  t.regex(said.stderr, /^lifeguard: 1 of 2 limits exceeded$/m);
});

test('a limit of a place where nothing was seen is not called kept, but named: its pattern may be mistyped', async (t) => {
  const places = [{ file: 'orders.js', transactionMaxMs: 5000 }, { file: 'odrers.js', gapMaxMs: 1 }];
  const cwd = folderWith(t, { '1.ndjson': cleanTrace(), 'lifeguard.config.json': JSON.stringify({ limits: { places } }) });
  const said = await lifeguard(t, ['check', '1.ndjson'], { cwd });
  t.is(said.status, 0);
  t.is(said.stderr, 'lifeguard: 1 limit kept\nlifeguard: Nothing was seen that limits.places[1].gapMaxMs applies to (odrers.js)\n');
});

test('the files of a place may be named from the folder of the configuration, wherever the run was started', async (t) => {
  const places = [{ file: 'app/orders.js', transactionMaxMs: 1 }, { file: 'other/orders.js', transactionMaxMs: 2 }];
  const cwd = folderWith(t, { 'lifeguard.config.json': JSON.stringify({ rules: { 'await-in-transaction': 'off' }, limits: { places } }) });
  writeFileSync(join(cwd, '1.ndjson'), traceWithAwait().replaceAll('/srv/shop', join(cwd, 'app')));
  const said = await lifeguard(t, ['check', '1.ndjson'], { cwd });
  t.is(said.status, 1, said.stderr);
  t.regex(said.stdout, /^limit {4}orders\.js:88: .*limits\.places\[0\]\.transactionMaxMs/m);
  t.regex(said.stderr, /Nothing was seen that limits\.places\[1\]\.transactionMaxMs applies to/);
});

test('a workspace whose packages are tested each in its own folder: files are named from where the run was started, whichever was first', async (t) => {
  const cwd = folderWith(t, { 'packages/shop/app.mjs': program({ order: true, invoice: false }), 'packages/bank/app.mjs': program({ order: true, invoice: false }) });
  const env = { DATABASE_URL: await database() };
  const runIn = async (...packages: string[]): Promise<Record<string, string>> => {
    const script = packages.map((name) => `(cd packages/${name} && "${process.execPath}" app.mjs)`).join(' && ');
    const said = await lifeguard(t, ['run', '--format', 'json', '--', 'sh', '-c', script], { cwd, env });
    t.is(said.status, 1, said.stderr);
    const { findings, run } = JSON.parse(said.stdout) as Report;
    t.is(run.cwd, cwd);
    return Object.fromEntries(findings.filter(({ severity }) => severity === 'error').map(({ callSite, fingerprint }) => [callSite?.file ?? '', fingerprint]));
  };
  const both = await runIn('shop', 'bank');
  t.deepEqual(Object.keys(both).toSorted((a, b) => a.localeCompare(b)), ['packages/bank/app.mjs', 'packages/shop/app.mjs']);
  t.deepEqual(await runIn('bank', 'shop'), both);
  t.deepEqual(await runIn('bank'), { 'packages/bank/app.mjs': both['packages/bank/app.mjs'] });
});

test('a trace of which the rest is missing: nothing follows from it, exit 2', async (t) => {
  const cwd = folderWith(t, { 'cut.ndjson': cleanTrace().slice(0, -20), 'faulty.ndjson': traceWithAwait().slice(0, -20) });
  const cut = await lifeguard(t, ['check', 'cut.ndjson'], { cwd });
  t.is(cut.status, 2);
  t.regex(cut.stderr, /^lifeguard: inconclusive: cut\.ndjson could not be read beyond line \d+ \(it is cut off in the middle of a line\)\n$/);
  t.is((await lifeguard(t, ['check', 'faulty.ndjson'], { cwd })).status, 1, 'what was found stands');
});

const BROKEN: [name: string, files: Record<string, string>, words: string[], said: RegExp][] = [
  ['a broken trace', { '1.ndjson': '{"type":"trac' }, ['1.ndjson'], /1\.ndjson/],
  ['a missing trace', {}, ['1.ndjson'], /1\.ndjson/],
  ['a wrong configuration', { '1.ndjson': cleanTrace(), 'lifeguard.config.json': '{"limit":1}' }, ['1.ndjson'], /lifeguard\.config\.json:1:2: there is no limit, expected limits/],
  ['a baseline that does not exist', { '1.ndjson': cleanTrace() }, ['1.ndjson', '--baseline', 'no.json'], /there is no baseline no\.json; lifeguard check --update-baseline writes it/],
  ['a baseline that is none', { '1.ndjson': cleanTrace(), 'lifeguard-baseline.json': '{"version":9}' }, ['1.ndjson'], /lifeguard-baseline\.json is no baseline of pg-lifeguard, expected /],
  ['a baseline that cannot be written', { '1.ndjson': cleanTrace() }, ['1.ndjson', '--update-baseline', '--baseline', '/dev/null/b.json'], /cannot write \/dev\/null\/b\.json: /],
  ['nothing to write into a baseline', { '1.ndjson': idleTrace() }, ['1.ndjson', '--update-baseline'], /the baseline was not written: no connection was asked for/],
  ['a file without a format', { '1.ndjson': cleanTrace() }, ['1.ndjson', '--output', 'report.pdf'], /--output is "report\.pdf", a name that says no format/],
  ['two formats for programs on stdout', { '1.ndjson': cleanTrace() }, ['1.ndjson', '--format', 'json,sarif'], /json and sarif cannot both go to stdout/],
];

for (const [name, files, words, said] of BROKEN) {
  test(`${name}: one line, exit 2`, async (t) => {
    const cwd = folderWith(t, files);
    isOneLine(t, await lifeguard(t, ['check', ...words], { cwd }), said);
    t.false(existsSync(join(cwd, 'lifeguard-baseline.json')) && !('lifeguard-baseline.json' in files));
  });
}

test('several outputs at once, each in the format of its name', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  const files = { 'a/report.sarif': /"version": "2\.1\.0"/, 'junit.xml': /^<\?xml/, 'report.json': /"schemaVersion": 1/, 'report.html': /^<!doctype html>/, 'report.txt': /FINDINGS/ };
  const said = await lifeguard(t, ['check', '1.ndjson', ...Object.keys(files).flatMap((file) => ['--output', file])], { cwd });
  t.is(said.status, 1, said.stderr);
  t.regex(said.stdout, /^error .*orders\.js:88/m, 'and for people on stdout');
  for (const [file, pattern] of Object.entries(files)) t.regex(readFileSync(join(cwd, file), 'utf8'), pattern);
});

test('a format that was asked for goes into the file that can hold it', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  await lifeguard(t, ['check', '1.ndjson', '--format', 'sarif', '--output', 'results.json'], { cwd });
  t.regex(readFileSync(join(cwd, 'results.json'), 'utf8'), /"version": "2\.1\.0"/);
  const named = await lifeguard(t, ['check', '1.ndjson', '--format', 'junit', '--output', 'results', '--output', 'report.json'], { cwd });
  t.regex(readFileSync(join(cwd, 'results'), 'utf8'), /^<\?xml/);
  t.regex(readFileSync(join(cwd, 'report.json'), 'utf8'), /"schemaVersion": 1/);
  t.is(named.status, 1);
});

test('machine output on stdout is that alone', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  const json = await lifeguard(t, ['check', '1.ndjson', '--format', 'json'], { cwd });
  t.is((JSON.parse(json.stdout) as Report).schemaVersion, 1);
  t.regex(json.stderr, /^error .*orders\.js:88/m);
  const sarif = await lifeguard(t, ['check', '1.ndjson', '--format', 'sarif'], { cwd });
  t.is((JSON.parse(sarif.stdout) as { version: string }).version, '2.1.0');
});

test('github: annotations beside the lines for people, and a job summary behind what is there', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait(), 'summary.md': '# before\n' });
  const env = { GITHUB_STEP_SUMMARY: join(cwd, 'summary.md'), GITHUB_WORKSPACE: '/srv' };
  const said = await lifeguard(t, ['check', '1.ndjson', '--format', 'github'], { cwd, env });
  t.is(said.status, 1);
  t.regex(said.stdout, /^error .*orders\.js:88/m);
  t.regex(said.stdout, /^::error file=shop\/orders\.js,line=88,col=18,title=pg-lifeguard%3A await-in-transaction::/m);
  t.regex(readFileSync(join(cwd, 'summary.md'), 'utf8'), /^# before\n## pg-lifeguard: ❌ 1 problem\n/);
  const without = await lifeguard(t, ['check', '1.ndjson'], { cwd, env });
  t.notRegex(without.stdout, /::error/);
});
