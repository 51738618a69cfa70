import test, { type ExecutionContext } from 'ava';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withProbe } from '../../probes/preload.js';
import { useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { ROOT, temporaryFolder } from '../support/folder.js';
import { linesOf, readTraces, recordProgram, runProgram, type ProgramOptions, type ProgramResult, type Trace } from '../support/program.js';
import { byName, holdNamed, placeOf, readHolds, type Hold } from './support/holds.js';
import { programFiles, readProgram } from './support/recorded.js';
import { findDangling } from './support/well-formed.js';

const { database } = useDatabase(test);

const HELD = 'held-for-ever.mjs';

async function recordHeld(t: ExecutionContext, what: string, options: Partial<ProgramOptions> = {}): Promise<ProgramResult & { trace: Trace; holds: Hold[] }> {
  const env = { DATABASE_URL: await database(), ...options.env };
  const recorded = await recordProgram(t, { files: programFiles(), entry: HELD, args: [what], ...options, env });
  const [trace] = recorded.traces;
  if (trace === undefined) throw new Error(`there is no trace: ${recorded.stderr}`);
  return { ...recorded, trace, holds: readHolds(trace) };
}

function namesIn(traces: readonly Trace[]): string[] {
  return traces.flatMap((trace) => Array.from(byName(readHolds(trace)).keys()));
}

/** What was going on when the program ended. */
function isAsItWas(t: ExecutionContext, holds: readonly Hold[]): void {
  const running = holdNamed(holds, 'runs a statement');
  t.is(running.line.outcome, undefined);
  t.is(running.running, 'select pg_sleep(?)');
  t.deepEqual(running.statements.map(({ status }) => status), ['T', 'T']);

  for (const [name, kind] of [['awaits something else', 'timer'], ['awaits a request', 'http']] as const) {
    const waiting = holdNamed(holds, name);
    t.is(waiting.line.outcome, undefined);
    t.is(waiting.running, null);
    const line = readProgram(HELD).split('\n').findIndex((text) => text.includes(`// ← ${kind}`)) + 1;
    t.deepEqual(
      waiting.gaps.filter(({ open }) => open === true).map(({ open, waits }) => [open, waits.map((wait) => [wait.kind, placeOf(wait.started)])]),
      [[true, [[kind, { file: HELD, line }]]]],
    );
  }

  const queued = holds.filter(({ line }) => line.connection === undefined);
  t.deepEqual(queued.map(({ line }) => [line.via, line.outcome, line.useMs]), [['query', undefined, undefined]]);
}

/** Whether all that goes on is on disk. */
function isWritten(directory: string): boolean {
  const named = byName(readTraces(directory).flatMap(readHolds));
  const lastWait = (name: string): string | undefined => named.get(name)?.gaps.find(({ open }) => open === true)?.waits.at(-1)?.kind;
  const areOpen = lastWait('awaits something else') === 'timer' && lastWait('awaits a request') === 'http';
  return areOpen && named.get('runs a statement')?.running === 'select pg_sleep(?)';
}

/** It ends as soon as that is so: without an end of its own, nothing is written any more. */
async function recordUntilWritten(t: ExecutionContext, what: string, options: Partial<ProgramOptions> = {}): ReturnType<typeof recordHeld> {
  const folder = temporaryFolder(t);
  const [directory, go] = [join(folder, 'traces'), join(folder, 'go')];
  const env = withProbe({ ...process.env, DATABASE_URL: await database(), GO: go }, directory);
  const [result] = await Promise.all([
    runProgram(t, { files: programFiles(), entry: HELD, args: [what], ...options, env }),
    eventually('the open checkouts are on disk', () => isWritten(directory)).finally(() => writeFileSync(go, '')),
  ]);
  const [trace] = readTraces(directory);
  if (trace === undefined) throw new Error(`there is no trace: ${result.stderr}`);
  return { ...result, trace, holds: readHolds(trace) };
}

test('killed: what was open is there, and no end', async (t) => {
  const { signal, trace, holds } = await recordUntilWritten(t, '', { onLine: (line, child) => line === 'ready' && child.kill('SIGKILL') });
  t.is(signal, 'SIGKILL');
  isAsItWas(t, holds);
  t.deepEqual(linesOf(trace, 'end'), []);
});

test('aborted: likewise', async (t) => {
  const { signal, trace, holds } = await recordUntilWritten(t, 'abort');
  t.is(signal, 'SIGABRT');
  isAsItWas(t, holds);
  t.deepEqual(linesOf(trace, 'end'), []);
});

test('process.exit in the middle of a statement', async (t) => {
  const { status, stderr, trace, holds } = await recordHeld(t, 'exit');
  t.deepEqual([status, stderr], [7, '']);
  isAsItWas(t, holds);
  t.deepEqual(linesOf(trace, 'end').map(({ exitCode }) => exitCode), [7]);
  // The watchdog may have a last word on a busy machine.
  t.is(trace.lines.findLast(({ type }) => type !== 'blocked' && type !== 'stack')?.type, 'end');
});

for (const what of ['throw', 'reject']) {
  test(`an uncaught ${what === 'throw' ? 'exception' : 'rejection'} ends it as it would without the probe`, async (t) => {
    const options = { files: programFiles(), entry: HELD, args: [what], env: { DATABASE_URL: await database() } };
    const [bare, recorded] = await Promise.all([runProgram(t, options), recordHeld(t, what)]);
    const said = ({ status, signal, stdout, stderr, folder }: ProgramResult): unknown => ({
      status,
      signal,
      stdout,
      // How deep in its own timers node was is a matter of load.
      stderr: stderr.replaceAll(folder, '').replace(/^ +at .*\(node:.*\n/gm, ''),
    });
    t.deepEqual(said(recorded), said(bare));
    t.regex(bare.stderr, /on purpose/);
    t.is(bare.status, 1);
    isAsItWas(t, recorded.holds);
    t.deepEqual(linesOf(recorded.trace, 'end').map(({ exitCode }) => exitCode), [1]);
  });
}

test('a frozen process: what was open is on disk while it is frozen', async (t) => {
  const directory = join(temporaryFolder(t), 'traces');
  const env = withProbe({ ...process.env, DATABASE_URL: await database() }, directory);
  const { signal } = await runProgram(t, {
    files: programFiles(),
    entry: HELD,
    args: ['freeze'],
    env,
    onLine: (_, child) => {
      const kill = (): void => child.kill('SIGKILL');
      eventually('the open checkouts are on disk', () => isWritten(directory)).then(kill, kill);
    },
  });
  t.is(signal, 'SIGKILL');
  isAsItWas(t, readTraces(directory).flatMap(readHolds));
});

test('what an open transaction waited for lasts until it waits for something else, whenever that was looked at', async (t) => {
  const folder = temporaryFolder(t);
  const [directory, go] = [join(folder, 'traces'), join(folder, 'go')];
  const program = `
    import { existsSync } from 'node:fs';
    import { setTimeout as delay } from 'node:timers/promises';
    import pg from 'pg';
    const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
    let tell;
    const told = new Promise((resolve) => (tell = resolve));
    async function wait() {
      const client = await pool.connect();
      await client.query('begin');
      const later = told.then(() => {
        return delay(500_000);
      });
      await Promise.race([later, delay(600_000)]);
    }
    void wait();
    while (!existsSync(process.env.GO)) await delay(20);
    tell();
    await told;
    process.exit();`;
  const waitsOf = (): string[] => readTraces(directory).flatMap(readHolds).flatMap(({ gaps }) => gaps.flatMap(({ waits }) => waits.map(({ detail = '' }) => detail)));
  await Promise.all([
    runProgram(t, { files: { 'app.mjs': program }, env: withProbe({ ...process.env, DATABASE_URL: await database(), GO: go }, directory) }),
    eventually('the first wait is on disk', () => waitsOf().includes('600000 ms')).finally(() => writeFileSync(go, '')),
  ]);
  t.deepEqual(waitsOf(), ['600000 ms', '500000 ms']);
  const [first, second] = readTraces(directory).flatMap(readHolds).flatMap(({ gaps }) => gaps.flatMap(({ waits }) => waits));
  t.true(Math.abs((first?.t ?? 0) + (first?.ms ?? 0) - (second?.t ?? 0)) < 0.01, JSON.stringify([first, second]));
});

for (const [what, then, expected] of [
  ['a request whose handler has left its connection behind waits for nothing, whatever timers its server starts', '', []],
  ['a request whose handler goes on waits for that', 'await delay(700_000);', ['700000 ms']],
] as const) {
  test(what, async (t) => {
    const program = `
      import http from 'node:http';
      import { once } from 'node:events';
      import { setTimeout as delay } from 'node:timers/promises';
      import pg from 'pg';
      const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
      const server = http.createServer(async (_request, response) => {
        const client = await pool.connect();
        await client.query('begin');
        response.end('done');
        ${then}
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const agent = new http.Agent({ keepAlive: true });
      const [answer] = await once(http.get({ port: server.address().port, host: '127.0.0.1', agent }), 'response');
      await answer.toArray();
      await delay(50);
      process.exit();`;
    const { traces } = await recordProgram(t, { files: { 'app.mjs': program }, env: { DATABASE_URL: await database() } });
    const gaps = traces.flatMap(readHolds).flatMap((hold) => hold.gaps);
    t.true(gaps.length > 0);
    t.deepEqual(gaps.flatMap(({ waits }) => waits.map(({ detail }) => detail)), expected);
  });
}

const SHORT = `
import pg from 'pg';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
console.log((await pool.query('select 41 + 1 as answer')).rows);
await pool.end();
process.exitCode = 3;
`;

test('a folder that cannot be written changes nothing for the program', async (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  const options = { files: { 'app.mjs': SHORT }, env: { DATABASE_URL: await database() } };
  const bare = await runProgram(t, options);
  const recorded = await runProgram(t, { ...options, env: withProbe({ ...process.env, ...options.env }, join(file, 'traces')) });
  t.deepEqual([recorded.status, recorded.stdout, recorded.stderr], [bare.status, bare.stdout, bare.stderr]);
  t.deepEqual([bare.status, bare.stdout], [3, '[ { answer: 42 } ]\n']);
});

test('traces are for their owner alone', async (t) => {
  const { directory, traces } = await recordProgram(t, { files: { 'app.mjs': SHORT }, env: { DATABASE_URL: await database() } });
  t.is(statSync(directory).mode & 0o777, 0o700);
  t.deepEqual(traces.map(({ file }) => statSync(file).mode & 0o777), [0o600]);
  t.regex(readdirSync(directory).join(' '), /^\d{8}-\d{6}-\d+-\d+\.ndjson$/);
  t.deepEqual(traces.map(({ header }) => header.cwd === dirname(header.script)), [true]);
});

test('LIFEGUARD=off turns it into nothing', async (t) => {
  const { status, directory } = await recordProgram(t, { files: { 'app.mjs': SHORT }, env: { DATABASE_URL: await database(), LIFEGUARD: 'off' } });
  t.is(status, 3);
  t.false(existsSync(directory));
});

test('a program without pg leaves no file, one that only makes a pool leaves one at most', async (t) => {
  const { status, directory } = await recordProgram(t, { files: { 'app.mjs': "import 'node:http'; import { EventEmitter } from 'node:events'; new EventEmitter();" } });
  t.is(status, 0);
  t.false(existsSync(directory));
  const made = await recordProgram(t, { files: { 'app.mjs': "import pg from 'pg'; new pg.Pool({});" } });
  t.deepEqual([made.status, made.stderr], [0, '']);
  t.true(made.traces.length <= 1);
});

test('worker threads, forked children and cluster workers record for themselves', async (t) => {
  const { status, stderr, traces } = await recordProgram(t, { files: programFiles(), entry: 'family.mjs', env: { DATABASE_URL: await database() } });
  t.deepEqual([status, stderr], [0, '']);
  const names = traces.map((trace): [string, Trace] => [[...byName(readHolds(trace)).keys()].join(), trace]);
  t.deepEqual(names.map(([name]) => name).toSorted(), ['clustered', 'forked', 'main', 'worker']);
  const headers = new Map(names.map(([name, { header }]) => [name, header]));
  const main = headers.get('main');
  t.deepEqual([main?.thread, headers.get('worker')?.pid], [0, main?.pid]);
  t.not(headers.get('worker')?.thread, 0);
  t.deepEqual([headers.get('forked')?.ppid, headers.get('clustered')?.ppid], [main?.pid, main?.pid]);
  t.deepEqual(names.map(([, trace]) => linesOf(trace, 'end').length), [1, 1, 1, 1]);
});

const USE = "const client = await pool.connect();\n  await client.query('select 1 as used'); // ← here\n  client.release();\n  await pool.end();";
const ENTRIES: [name: string, file: string, text: string, nodeArgs: string[]][] = [
  ['ESM', 'app.mjs', `import pg from 'pg';\nconst pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });\nasync function use() {\n  ${USE}\n}\nawait use();\n`, []],
  ['CommonJS', 'app.cjs', `const { Pool } = require('pg');\nconst pool = new Pool({ connectionString: process.env.DATABASE_URL });\nasync function use() {\n  ${USE}\n}\nuse();\n`, []],
  [
    'TypeScript under tsx',
    'app.ts',
    `import pg from 'pg';\n\ninterface Unused {\n  gone: true;\n}\n\nconst pool: pg.Pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });\nasync function use(_?: Unused): Promise<void> {\n  ${USE}\n}\nvoid use();\n`,
    [join(ROOT, 'node_modules/tsx/dist/cli.mjs')],
  ],
];
for (const [name, file, text, nodeArgs] of ENTRIES) {
  test(`${name}: frames name the line of the source`, async (t) => {
    const { status, stderr, traces } = await recordProgram(t, { files: { [file]: text }, nodeArgs, env: { DATABASE_URL: await database() } });
    t.deepEqual([status, stderr], [0, '']);
    t.is(traces.length, 1);
    const [frame] = traces.flatMap(readHolds)[0]?.statements[0]?.frames ?? [];
    const line = text.split('\n').findIndex((part) => part.endsWith('// ← here')) + 1;
    t.deepEqual([frame?.[0], frame?.[1].replace(/^.*\//, ''), frame?.[2]], ['use', file, line]);
  });
}

interface WatchedSays {
  errors: string[];
  afterErrors: boolean;
  whileWatched: boolean;
  afterwards: boolean;
  atLast: boolean;
  paths: string[];
}

const PROBE_INDEX = new URL('../../probes/index.js', import.meta.url).href;

test('watchPool records that pool alone, and stop leaves pg as it was', async (t) => {
  const directory = join(temporaryFolder(t), 'traces');
  const env = { DATABASE_URL: await database(), PROBE_INDEX, WATCH_DIR: directory };
  const { status, stderr, stdout } = await runProgram(t, { files: programFiles(), entry: 'watched.mjs', env });
  t.deepEqual([status, stderr], [0, '']);
  const { errors, paths, ...same } = JSON.parse(stdout) as WatchedSays;
  t.deepEqual(same, { afterErrors: true, whileWatched: false, afterwards: true, atLast: true });
  t.is(errors.length, 4);
  t.true(errors.every((error) => error.startsWith('TypeError: watchPool: expected a Pool of pg')), errors.join());
  const traces = readTraces(directory);
  const [first, again, later] = paths;
  t.is(again, first);
  t.deepEqual(traces.map(({ file }) => file), [first, later]);
  t.deepEqual(traces.map((trace) => namesIn([trace])), [['on a connection from before', 'watched', 'watched query', 'watched once'], ['on a connection of the first watch', 'watched later']]);
  // They are held for 30 ms after the answer.
  const old = traces.flatMap(readHolds).filter(({ statements }) => statements[0]?.text.includes('on a connection') === true);
  t.is(old.length, 2);
  for (const { statements, line } of old) t.true((statements[0]?.startMs ?? 0) + (statements[0]?.ms ?? Infinity) + 25 < (line.waitMs ?? 0) + (line.useMs ?? 0));
  t.deepEqual(traces.flatMap((trace) => linesOf(trace, 'problem')), []);
  t.deepEqual(traces.flatMap(({ lines }) => findDangling(lines)), []);
});

test('watchPool under the preload records nothing twice', async (t) => {
  const env = { DATABASE_URL: await database(), PROBE_INDEX };
  const { status, stderr, stdout, traces } = await recordProgram(t, { files: programFiles(), entry: 'watched.mjs', env });
  t.deepEqual([status, stderr], [0, '']);
  const { paths } = JSON.parse(stdout) as WatchedSays;
  t.deepEqual(traces.map(({ file }) => file), [...new Set(paths)]);
  const names = namesIn(traces);
  t.deepEqual(names, [
    'before the watch',
    'on a connection from before',
    'watched',
    'watched query',
    'not watched',
    'not watched query',
    'lone',
    'watched once',
    'after the watch',
    'on a connection of the first watch',
    'watched later',
  ]);
});
