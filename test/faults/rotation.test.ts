import test from 'ava';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseKeep, type Keep } from '../../probes/recorder/keep.js';
import { RECORD, pair } from '../../probes/recorder/records.js';
import { RingProducer, createSharedRing } from '../../probes/recorder/ring.js';
import { TraceFile } from '../../probes/recorder/trace-file.js';
import type { TraceHeader } from '../../probes/trace/events.js';
import { analyse } from '../../reports/analyse.js';
import { groupParts } from '../../reports/read/trace-parts.js';
import { folderWith, isOneLine, lifeguard } from '../cli/lifeguard.js';
import { findDangling } from '../probes/support/well-formed.js';
import { useDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/folder.js';
import { readTraces, recordProgram } from '../support/program.js';

const { database } = useDatabase(test);

const HEADER: TraceHeader = { type: 'trace', version: 1, tool: '1', startedAt: 1e12, pid: 1, ppid: 0, thread: 0, node: 'v20', platform: 'linux', cwd: '/', script: 'a.js' };
const FRAMES = ['open', 'begin', 'work', 'last'].map((name, index) => [[name, '/a.js', index + 1, 1]]);

/** A trace of one transaction that is always open, one connection that nobody gives back, and thousands of `pool.query`. */
function writeTrace(directory: string, keep: Keep | null): void {
  const ring = createSharedRing();
  const producer = new RingProducer(ring);
  const file = new TraceFile(ring, { path: join(directory, 'a.ndjson'), header: HEADER, keep });
  const put = (kind: number, ...numbers: number[]): void => {
    let at = producer.begin(kind, numbers.length);
    for (const number of numbers) producer.cells[at++] = number;
    producer.commit();
  };
  const line = (value: object): void => {
    producer.begin(RECORD.line, 0, JSON.stringify(value));
    producer.commit();
  };
  FRAMES.forEach((frames, index) => line({ type: 'stack', id: index + 1, frames }));
  ['begin', 'select ?', 'commit'].forEach((text, index) => line({ type: 'statement', id: index + 1, text }));
  line({ type: 'pool', id: 1, t: 0, kind: 'pg-pool', version: '8', max: 3, acquireTimeoutMs: 0, stack: 0 });
  for (const id of [1, 2, 3]) {
    line({ type: 'connection', id, t: 0, pool: 1, state: 'connecting' });
    line({ type: 'connection', id, t: 1, pool: 1, state: 'connected', backend: 100 + id });
  }
  const [transaction, lost] = [pair(0, 1), pair(1, 2)];
  put(RECORD.request, transaction, 1, 1, 1, 1, 0);
  put(RECORD.acquire, transaction, 2, 1);
  put(RECORD.statement, transaction, 2, 1, 1, 1, 0, 2, 0);
  put(RECORD.taken, lost, 3, 1, 1, 4, 0, 0, 2);
  let id = 2;
  let now = 10;
  for (let round = 0; round < 100; round++) {
    for (let i = 0; i < 40; i++, now += 2) put(RECORD.query, ++id, now, pair(0, 1), pair(2, 0), pair(0, 3), 0, now, 1);
    put(RECORD.statement, transaction, now, 1, 2, 1, 0, 3, 0);
    file.drain(++now);
  }
  put(RECORD.statement, transaction, now, 1, 3, 0, 0, 0, 0);
  put(RECORD.end, transaction, now + 1, 0, 0);
  line({ type: 'end', t: now + 1000, exitCode: 0 });
  file.drain(now + 1000);
  file.close();
}

test('the parts of a trace are read as one', async (t) => {
  const [whole, cut] = [temporaryFolder(t), temporaryFolder(t)];
  writeTrace(whole, null);
  // An eighth of what is kept is a part: nothing has to be deleted.
  writeTrace(cut, { bytes: 1_200_000 });
  t.is(readdirSync(whole).length, 1);
  const names = readdirSync(cut);
  t.true(names.length > 2 && names.includes('a.part2.ndjson'), names.join(' '));
  const [a, b] = [await analyse([whole]), await analyse([cut])];
  t.true(a.report.findings.length > 0);
  t.deepEqual(b.report, a.report);
  t.deepEqual(b.report.notes, []);
  // In whatever order they are named.
  const shuffled = await analyse(names.toSorted((x, y) => y.localeCompare(x)).map((name) => join(cut, name)));
  t.deepEqual(shuffled.report, a.report);
});

test('what is deleted takes nothing with it of what is kept', async (t) => {
  const directory = temporaryFolder(t);
  writeTrace(directory, { bytes: 1_200_000 });
  const parts = readTraces(directory).map(({ lines, header }) => ({ part: header.part ?? 1, lines }));
  for (const { lines, part } of parts) t.deepEqual(findDangling(lines), [], `part ${part}`);
  rmSync(join(directory, 'a.ndjson'));
  const { report, timeline } = await analyse([directory]);
  const from = parts.find(({ part }) => part === 2)?.lines[0];
  const fromMs = from?.type === 'trace' ? (from.fromMs ?? 0) : 0;
  t.true(fromMs > 0);
  t.is(report.run.startedAt, new Date(HEADER.startedAt + fromMs).toISOString());
  t.regex(report.notes.join(), /^the first \d+.* of a\.js \(process 1\) were not kept$/);
  t.deepEqual([report.missing, report.lost.badLines], [[], 0]);
  const [transaction, lost] = timeline.checkouts.filter(({ via }) => via === 'connect').toSorted((a, b) => a.queries.length - b.queries.length).toReversed();
  t.deepEqual([transaction?.requestedMs, transaction?.acquiredMs, lost?.acquiredMs, lost?.endedMs], [0, 0, 0, null], 'both are held from the start of what is kept');
  t.is(transaction?.transactions.length, 1);
  t.is(transaction?.transactions[0]?.startMs, 0, 'it was open then');
  t.is(transaction?.queries.at(-1)?.statement.text, 'commit');
  t.is(lost?.stack?.frames[0]?.function, 'last');
  t.true(timeline.checkouts.every(({ requestedMs, acquiredMs, queries }) => requestedMs >= 0 && (acquiredMs ?? 0) >= 0 && queries.every(({ startMs, ms }) => startMs >= 0 && ms >= 0)));
});

test('only the last megabytes are kept, and the last of them is whole', async (t) => {
  const directory = temporaryFolder(t);
  writeTrace(directory, { bytes: 200_000 });
  const names = readdirSync(directory);
  t.false(names.includes('a.ndjson'));
  t.true(names.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0) <= 200_000);
  const { report, timeline } = await analyse([directory]);
  t.is(report.run.processes[0]?.exitCode, 0);
  t.true(timeline.checkouts.length > 500);
});

test('only the last minutes are kept', async (t) => {
  const directory = temporaryFolder(t);
  writeTrace(directory, { ms: 3000 });
  t.false(readdirSync(directory).includes('a.ndjson'));
  const { report } = await analyse([directory]);
  // An eighth more at most, and a drain: 81 ms here, and the second that passes before the last one.
  t.true(report.run.durationMs >= 3000 && report.run.durationMs < 3000 + 375 + 81 + 1000, String(report.run.durationMs));
});

test('a program that records for long leaves only the last of it', async (t) => {
  const program = `
    import pg from 'pg';
    const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3 });
    const held = await pool.connect();
    await held.query('begin');
    for (let i = 0; i < 8000; i++) await Promise.all([pool.query('select 1'), pool.query('select 2')]);
    await held.query('commit');
    held.release();
    await pool.end();
    console.log('done');`;
  const { status, stdout, directory, traces } = await recordProgram(t, { files: { 'app.mjs': program }, env: { DATABASE_URL: await database(), LIFEGUARD_KEEP: '1MB' } });
  t.deepEqual([status, stdout], [0, 'done\n']);
  t.true(traces.length > 2 && traces.every(({ header }) => (header.part ?? 1) > 1), 'the first part is gone');
  // An eighth more at most, and what is written at a time: that is the more the longer the writer had no processor, and no more than a file has.
  const sizes = traces.map(({ file }) => statSync(file).size);
  t.true(sizes.reduce((sum, size) => sum + size, 0) < 1_125_000 + Math.max(...sizes), sizes.join(' '));
  for (const { file, lines } of traces) {
    t.is(statSync(file).mode & 0o777, 0o600);
    // What held a connection when it began may be in a part that is gone.
    t.deepEqual(findDangling(lines).filter((fault) => !/^checkout \d+ is/.test(fault)), []);
  }
  const { report, timeline } = await analyse([directory]);
  t.is(timeline.recordings.length, 1);
  t.is(report.run.processes[0]?.exitCode, 0);
  t.regex(report.notes.join(), /were not kept/);
  const held = timeline.checkouts.filter(({ via }) => via === 'connect');
  t.deepEqual(held.map(({ queries, endedMs, transactions }) => [queries.at(-1)?.statement.text, endedMs !== null, transactions.length]), [['commit', true, 1]]);
});

test('a value of LIFEGUARD_KEEP that is none changes nothing for the program, and the report says so', async (t) => {
  const program = `
    import pg from 'pg';
    const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
    console.log((await pool.query('select 1 as one')).rows);
    await pool.end();`;
  const { status, stdout, stderr, directory } = await recordProgram(t, { files: { 'app.mjs': program }, env: { DATABASE_URL: await database(), LIFEGUARD_KEEP: 'ten minutes' } });
  t.deepEqual([status, stdout, stderr], [0, '[ { one: 1 } ]\n', '']);
  const { report } = await analyse([directory]);
  t.regex(report.missing.join(), /LIFEGUARD_KEEP: .*"ten minutes" is not a time or a size such as 10m or 500MB/);
});

test('times and sizes', (t) => {
  const keeps = ['10m', '1.5h', '30 s', '2d', '500MB', '1gb', '2000kB'].map(parseKeep);
  t.deepEqual(keeps, [{ ms: 600_000 }, { ms: 5_400_000 }, { ms: 30_000 }, { ms: 172_800_000 }, { bytes: 500_000_000 }, { bytes: 1_000_000_000 }, { bytes: 2_000_000 }]);
  for (const text of ['', '10', '10M', 'm', '-1m', '0m', '0.1s', '500kB', '1e3MB', '10m ago', '10 min', 'NaNm', 'Infinityh']) t.is(parseKeep(text), null, text);
});

test('a value of --keep that is none: one line, exit 2, and nothing is started', async (t) => {
  for (const command of ['record', 'run']) {
    const words = [command, '--keep', '10M', '--', process.execPath, '-e', 'console.log("started")'];
    isOneLine(t, await lifeguard(t, words), /--keep is "10M", expected a time or a size such as 10m or 500MB \(units: /);
  }
  const said = await lifeguard(t, ['record', '--', process.execPath, '-e', '0'], { env: { LIFEGUARD_KEEP: 'much' } });
  isOneLine(t, said, /LIFEGUARD_KEEP is "much", expected/);
});

test('--keep reaches the program, and one trace is one, however many files it has', async (t) => {
  const program = `
    import pg from 'pg';
    const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
    for (let i = 0; i < 15; i++) { await pool.query('select 1'); await new Promise((resolve) => setTimeout(resolve, 100)); }
    await pool.end();
    console.log(process.env.LIFEGUARD_KEEP);`;
  const cwd = folderWith(t, { 'app.mjs': program });
  const said = await lifeguard(t, ['record', '--keep', '1s', '--out', 'traces', '--', process.execPath, 'app.mjs'], { cwd, env: { DATABASE_URL: await database() } });
  t.deepEqual([said.status, said.stdout], [0, '1s\n'], said.stderr);
  t.true(readdirSync(join(cwd, 'traces')).length > 1);
  t.regex(said.stderr, /: 1 trace in traces\n/);
});

test('parts belong together by their names', (t) => {
  const files = ['d/b.part10.ndjson', 'd/b.part2.ndjson.gz', 'd/a-1.2.ndjson', 'd/b.ndjson', 'd/c.part3.ndjson'];
  t.deepEqual(groupParts(files), [['d/b.ndjson', 'd/b.part2.ndjson.gz', 'd/b.part10.ndjson'], ['d/a-1.2.ndjson'], ['d/c.part3.ndjson']]);
});
