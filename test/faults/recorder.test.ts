/** What can befall the recording itself: the program must not notice, and the report says what is missing. */
import test from 'ava';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { withProbe } from '../../probes/preload.js';
import { analyse } from '../../reports/analyse.js';
import { useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { projectFolder, temporaryFolder } from '../support/folder.js';
import { linesOf, readTraces, runProgram, type ProgramResult } from '../support/program.js';
import { PRELUDE, compare, reportOf } from './support/compare.js';

const { database } = useDatabase(test);

const WORK = `
  for (let i = 0; i < 200; i++) {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query('select $1::int as "' + 'long name '.repeat(5) + (i % 40) + '"', [i]);
      await client.query('commit');
    } finally {
      client.release();
    }
    if (i % 50 === 0) await delay(60);
  }
  await pool.end();
  say('done');
`;

test.serial('the trace directory cannot be made', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), 'not a folder');
  const { bare, traces } = await compare(t, database, { program: WORK, directory: join(folder, 'file', 'traces') });
  t.deepEqual([bare.status, bare.stdout, traces.length], [0, 'done\n', 0]);
});

test.serial('the trace directory may not be written to', async (t) => {
  // Not even root may write to this one.
  const { bare, traces } = await compare(t, database, { program: WORK, directory: process.platform === 'linux' ? '/proc' : '/' });
  t.deepEqual([bare.status, bare.stdout, traces.length], [0, 'done\n', 0]);
});

/** A file system of 64 kB; null where we may not mount one. */
function mountSmall(t: Parameters<typeof temporaryFolder>[0]): string | null {
  const folder = temporaryFolder(t);
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return null;
  }
  t.teardown(() => execFileSync('umount', ['-l', disk]));
  return disk;
}

test.serial('the disk is full', async (t) => {
  const disk = mountSmall(t);
  if (disk === null) {
    t.pass();
    t.log('skipped: mounting a small file system takes root');
    return;
  }
  const compared = await compare(t, database, { program: WORK.replace('i < 200', 'i < 1500').replace('% 40', '% 900'), directory: disk });
  t.deepEqual([compared.bare.status, compared.bare.stdout], [0, 'done\n']);
  const { report, timeline } = await reportOf(compared);
  t.true(timeline.checkouts.length > 20, 'what was written before can be read');
  t.regex(report.missing.join(), /the probe failed once \(trace: nothing could be written from here on: ENOSPC: no space left on device, write\)/);
  t.regex(report.notes.join(), /has no end/);
  t.is(report.lost.badLines, 0);
  // What nobody could see the end of is no leak.
  t.false(report.findings.some(({ rule }) => rule === 'connection-leak'));
});

// The limit can be known on Linux only.
(process.platform === 'linux' ? test.serial : test.serial.skip)('files may not grow any further', async (t) => {
  const program = PRELUDE + WORK.replace('i < 200', 'i < 2500');
  const folder = projectFolder(t);
  writeFileSync(join(folder, 'app.mjs'), program);
  const directory = join(folder, 'traces');
  // In blocks of 512 bytes, or of 1024 in some shells.
  const files = { 'limited.mjs': `import { spawnSync } from 'node:child_process';\nconst { status, signal } = spawnSync('/bin/sh', ['-c', 'ulimit -f 512; exec "$0" "$1"', process.execPath, ${JSON.stringify(join(folder, 'app.mjs'))}], { stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: process.env.INNER } });\nconsole.log(status, signal);` };
  const env = withProbe({ DATABASE_URL: await database() }, directory);
  const { stdout } = await runProgram(t, { files, env: { ...env, NODE_OPTIONS: '', INNER: env['NODE_OPTIONS'] } });
  t.is(stdout, 'done\n0 null\n');
  const sizes = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
  t.true(sizes.length > 1 && sizes.every((size) => size <= 262_144), `it goes on in another file: ${sizes.join(' ')}`);
  const { report, timeline } = await analyse([directory]);
  t.is(report.run.processes[0]?.exitCode, 0);
  t.is(timeline.checkouts.length, 2500);
});

test.serial('the writer thread dies', async (t) => {
  const compared = await compare(t, database, {
    program: `
      const { existsSync, readdirSync, readFileSync } = await import('node:fs');
      const directory = process.env.LIFEGUARD_DIR;
      const written = () => (existsSync(directory) ? readdirSync(directory) : []).flatMap((name) => readFileSync(directory + '/' + name, 'utf8').split('"outcome"')).length;
      let isGone = Promise.resolve();
      process.on('worker', (worker) => {
        isGone = new Promise((resolve) => worker.once('exit', resolve));
        const timer = setInterval(() => {
          if (written() < 20) return;
          clearInterval(timer);
          void worker.terminate();
        }, 20);
      });
      ${WORK.replace('await pool.end();', "await isGone; await new Promise(setImmediate); const lost = new pg.Client({ connectionString: process.env.DATABASE_URL }); await lost.connect(); await lost.query('select 1'); await lost.end(); await pool.end();")}`,
  });
  t.deepEqual([compared.bare.status, compared.bare.stdout], [0, 'done\n']);
  const { report, timeline } = await reportOf(compared);
  t.true(timeline.checkouts.length > 10);
  t.regex(report.missing.join(), /the probe failed once \(trace: the writer thread ended: nothing could be written from here on\)/);
  t.is(report.run.processes[0]?.complete, false);
  t.is(report.lost.badLines, 0);
  t.false(report.findings.some(({ rule }) => rule === 'connection-leak'));
});

/** Threads begin when `goOn` says so: until then there is nobody who could write. */
const HOLD_THREADS = `
  import { Session } from 'node:inspector';
  const session = new Session();
  session.connect();
  const held = [];
  session.on('NodeWorker.attachedToWorker', ({ params }) => held.push(params.sessionId));
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: true });
  globalThis.goOn = () => {
    for (const sessionId of held) session.post('NodeWorker.sendMessageToWorker', { sessionId, message: '{"id":1,"method":"Runtime.runIfWaitingForDebugger"}' });
  };
`;

const BURST = `
  const columns = Array.from({ length: 58 }, (_, index) => '1 as "' + 'n'.repeat(50) + index + '"').join(', ');
  const all = [];
  for (let i = 0; i < 600; i++) all.push(pool.query('select ' + i + ' as n' + i + ', ' + columns).then(({ rows }) => rows[0]['n' + i], (error) => error.message));
  const results = await Promise.all(all);
  say(results.every((n, i) => n === i));
`;

const BURSTS = {
  'and it goes on afterwards': `
    const { existsSync, readdirSync, readFileSync } = await import('node:fs');
    const directory = process.env.LIFEGUARD_DIR;
    // Not its text alone, for which there may be room before there is for what was done with it.
    const isLater = (text) => {
      const [, id] = /"id":(\\d+),"text":"select \\? as later"/.exec(text) ?? [];
      return id !== undefined && text.includes('"q":[[' + id + ',');
    };
    const isWritten = () => directory === undefined || (existsSync(directory) && readdirSync(directory).some((name) => isLater(readFileSync(directory + '/' + name, 'utf8'))));
    globalThis.goOn();
    do {
      await pool.query('select 2 as later');
      await delay(50);
    } while (!isWritten());
    await pool.end();`,
  'until it ends': 'process.exit(0);',
};

for (const [how, rest] of Object.entries(BURSTS)) {
  test.serial(`more happens at once than the ring holds, ${how}`, async (t) => {
    const compared = await compare(t, database, { program: BURST + rest, files: { 'hold-threads.mjs': HOLD_THREADS }, nodeArgs: ['--import', './hold-threads.mjs'] });
    t.deepEqual([compared.bare.status, compared.bare.stdout], [0, 'true\n'], compared.bare.stderr);
    const { report, timeline } = await reportOf(compared);
    t.true(report.lost.events > 0);
    t.regex(report.missing.join('\n'), /^[\d,]+ events were lost because they came faster than they could be written$/m);
    t.is(report.run.processes[0]?.exitCode, 0);
    t.deepEqual(report.notes, []);
    t.is(timeline.checkouts.some(({ queries }) => queries.some(({ statement }) => statement.text === 'select ? as later')), rest.includes('later'));
    t.false(report.findings.some(({ rule }) => rule === 'connection-leak'));
  });
}

test.serial('SQL that is large and never the same does not stay in memory', async (t) => {
  const program = `
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    // The values differ, the statement is one and the same; and one that is new each time.
    for (let i = 0; i < 300; i++) await pool.query("select length('" + String(i).repeat(100000).slice(0, 100000) + "')");
    for (let i = 0; i < 300; i++) await pool.query('select length($1) as n' + i + ' /* ' + 'x'.repeat(50000) + ' */', ['x']);
    globalThis.gc();
    say(((process.memoryUsage().heapUsed - before) / 1e6).toFixed(1));
    await pool.end();`;
  const { bare, recorded, traces } = await compare(t, database, { program, nodeArgs: ['--expose-gc'], ignoresStdout: true });
  t.is(traces.flatMap((trace) => linesOf(trace, 'checkout')).filter(({ outcome }) => outcome === 'released').length, 600);
  const [without, withProbe] = [Number(bare.stdout), Number(recorded.stdout)];
  t.log(`${without} MB without the probe, ${withProbe} MB with it`);
  // All of it is 45 MB.
  t.true(withProbe - without < 10);
});

// There are no such signals elsewhere.
(process.platform === 'win32' ? test.serial.skip : test.serial)('the machine stands still while the program waits for its trace to be written', async (t) => {
  const program = `
    const { spawn } = await import('node:child_process');
    const { wait } = Atomics;
    Atomics.wait = () => {
      Atomics.wait = wait;
      process.kill(process.pid, 'SIGSTOP');
      // The time for which it waits went by meanwhile.
      return 'timed-out';
    };
    spawn('sh', ['-c', 'while kill -CONT ' + process.pid + '; do sleep 1; done'], { stdio: 'ignore', detached: true }).unref();
    await pool.query('select 1');
    await pool.end();`;
  const { report } = await reportOf(await compare(t, database, { program }));
  t.deepEqual(report.run.processes.map(({ complete, exitCode }) => [complete, exitCode]), [[true, 0]]);
});

test.serial('the clock steps', async (t) => {
  const program = `
    const { now } = Date;
    const client = await pool.connect();
    await client.query('begin');
    Date.now = () => now() - 3_600_000;
    globalThis.Date = class extends Date { constructor() { super(0); } };
    performance.now = () => -5;
    process.hrtime = () => [0, 0];
    await client.query('select pg_sleep(0.2)');
    globalThis.Date.now = () => now() + 3_600_000;
    await client.query('commit');
    client.release();
    await pool.end();
    say('done');`;
  const compared = await compare(t, database, { program });
  const { report, timeline } = await reportOf(compared);
  t.is(compared.bare.stdout, 'done\n');
  t.deepEqual(report.missing, []);
  const [held] = timeline.checkouts;
  const starts = held?.queries.map(({ startMs }) => startMs) ?? [];
  t.deepEqual(starts, starts.toSorted((a, b) => a - b));
  const slept = held?.queries.find(({ statement }) => statement.text.includes('pg_sleep'))?.ms ?? 0;
  t.true(slept >= 199 && slept < 60_000, String(slept));
  t.true(report.run.durationMs >= 200 && report.run.durationMs < 600_000);
  for (const trace of compared.traces) {
    const times = linesOf(trace, 'alive').map((line) => line.t);
    t.deepEqual(times, times.toSorted((a, b) => a - b));
  }
});

/** Takes the place of the system's clock for a program, so that it can be set without anybody else noticing; Debian's package faketime has it. */
const FAKETIME = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'].map((folder) => join(folder, 'faketime/libfaketime.so.1')).find((path) => existsSync(path));

test.serial("the system's clock is set", async (t) => {
  if (FAKETIME === undefined) {
    t.pass();
    t.log('skipped: setting the clock of a program takes libfaketime');
    return;
  }
  const program = `
    import { fork } from 'node:child_process';
    import { once } from 'node:events';
    import { writeFileSync } from 'node:fs';
    const set = (seconds) => writeFileSync('clock', seconds);
    const start = Date.now();
    const hours = () => Math.round((Date.now() - start) / 3_600_000);
    const client = await pool.connect();
    await client.query('begin');
    set('-7200');
    say(hours());
    await client.query('select pg_sleep(0.2)');
    await once(fork('./child.mjs'), 'exit');
    set('+10800');
    say(hours());
    await once(fork('./late.mjs'), 'exit');
    await client.query('commit');
    client.release();
    await delay(300);
    await pool.query('select 1 as last');
    await pool.end();`;
  const one = (name: string): string => `${PRELUDE} await pool.query('select 1 as ${name}'); await pool.end();`;
  const env = { LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: 'clock', FAKETIME_NO_CACHE: '1', DONT_FAKE_MONOTONIC: '1' };
  const compared = await compare(t, database, { program, files: { 'child.mjs': one('child'), 'late.mjs': one('late'), clock: '+0' }, env });
  t.is(compared.bare.stdout, '-2\n3\n');
  const { report, timeline } = await reportOf(compared);
  t.deepEqual(report.run.processes.map(({ script, exitCode }) => `${basename(script)} ${exitCode}`), ['app.mjs 0', 'child.mjs 0', 'late.mjs 0']);
  t.true(report.run.durationMs < 600_000, String(report.run.durationMs));
  t.deepEqual([report.notes, report.missing, report.lost], [["the machine's clock was set forward by 180 min, or it slept, between the starts of two processes: their times are told as if that had not been"], [], { events: 0, probeErrors: 0, badLines: 0 }]);
  const [held, child, late, last] = timeline.checkouts;
  t.deepEqual([child, late, last].map((one) => one?.queries.map(({ statement }) => statement.text).join()), ['select ? as child', 'select ? as late', 'select ? as last']);
  const times = [held?.requestedMs, child?.requestedMs, child?.endedMs, late?.requestedMs, late?.endedMs, held?.endedMs].map(Number);
  t.deepEqual(times, times.toSorted((a, b) => a - b), 'as it was');
  const slept = held?.queries.find(({ statement }) => statement.text.includes('pg_sleep'))?.ms ?? 0;
  t.true(slept >= 199 && slept < 60_000, String(slept));
});

test.serial('fork, cluster and worker threads: each is recorded, none disturbs the others', async (t) => {
  const child = `
    import cluster from 'node:cluster';
    import { isMainThread, workerData } from 'node:worker_threads';
    await pool.query('select 1 as ' + (isMainThread ? process.argv[2] ?? 'clustered' : workerData));
    await pool.end();
    if (cluster.isWorker) process.exit(3);
    if (process.channel) process.disconnect();`;
  const program = `
    import { fork } from 'node:child_process';
    import cluster from 'node:cluster';
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    const file = new URL('./child.mjs', import.meta.url);
    say('fork', (await once(fork(file, ['forked']), 'exit')).join());
    cluster.setupPrimary({ exec: file.pathname });
    say('cluster', (await once(cluster.fork(), 'exit')).join());
    say('thread', (await once(new Worker(file, { workerData: 'threaded' }), 'exit')).join());
    await pool.query('select 1 as parent');
    await pool.end();`;
  const compared = await compare(t, database, { program, files: { 'child.mjs': PRELUDE + child } });
  t.is(compared.bare.stdout, 'fork 0,\ncluster 3,\nthread 0\n');
  const { report, timeline } = await reportOf(compared);
  t.deepEqual(report.run.processes.map(({ thread, complete, exitCode }) => `${thread > 0 ? 'thread' : 'process'} ${complete} ${exitCode}`).toSorted(), ['process true 0', 'process true 0', 'process true 3', 'thread true 0']);
  t.deepEqual(timeline.checkouts.map(({ queries }) => queries[0]?.statement.text ?? '').toSorted(), ['select ? as clustered', 'select ? as forked', 'select ? as parent', 'select ? as threaded']);
});

test.serial('nobody reads what the program says', async (t) => {
  const inner = `${PRELUDE} await pool.query('select 1'); await delay(200); process.on('exit', (code) => writeSync(3, 'exit ' + code)); for (;;) { process.stdout.write('x'.repeat(70000)); await delay(10); }`;
  const program = `
    import { spawn } from 'node:child_process';
    import { once } from 'node:events';
    const child = spawn(process.execPath, ['inner.mjs'], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
    child.stdout.once('data', () => child.stdout.destroy());
    let said = '';
    child.stdio[3].on('data', (bytes) => { said += bytes; });
    say((await once(child, 'close')).join(), said);`;
  const compared = await compare(t, database, { program, files: { 'inner.mjs': inner } });
  t.is(compared.bare.stdout, '1, exit 1\n', compared.bare.stderr);
  const { report } = await reportOf(compared);
  t.deepEqual(report.run.processes.map(({ exitCode }) => exitCode), [0, 1]);
});

test.serial('the parent dies, its child goes on', async (t) => {
  const folder = temporaryFolder(t);
  const done = join(folder, 'done');
  const inner = `${PRELUDE} const parent = process.ppid; await pool.query('select 1'); writeSync(1, 'up\\n'); while (process.ppid === parent) await delay(20); await pool.query('select 2 as alone'); await pool.end(); (await import('node:fs')).writeFileSync(process.env.DONE + process.env.LABEL, '');`;
  const program = `
    import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, ['inner.mjs'], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    child.stdout.once('data', () => process.kill(process.pid, 'SIGKILL'));
    await delay(60_000);`;
  const directory = join(folder, 'traces');
  const run = async (env: NodeJS.ProcessEnv): Promise<ProgramResult> => runProgram(t, { files: { 'app.mjs': PRELUDE + program, 'inner.mjs': inner }, env: { ...env, DATABASE_URL: await database(), DONE: done } });
  const results = await Promise.all([run({ LABEL: 'bare' }), run(withProbe({ LABEL: 'recorded' }, directory))]);
  for (const { signal } of results) t.is(signal, 'SIGKILL');
  await eventually('both children are done', () => existsSync(`${done}bare`) && existsSync(`${done}recorded`));
  await eventually('the trace has its end', () => readTraces(directory).some((trace) => linesOf(trace, 'end').length > 0));
  const { report, timeline } = await analyse([directory]);
  // The parent may have left a trace of its pool, too.
  t.deepEqual(report.run.processes.map(({ exitCode }) => exitCode).filter((code) => code !== null), [0]);
  t.is(timeline.checkouts.length, 2);
});

const FREEZES = {
  'by a loop': 'let turns = 0; for (;;) turns = (turns + Math.random()) % 1000;',
  'by Atomics.wait': 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);',
};

for (const [how, code] of Object.entries(FREEZES)) {
  test.serial(`frozen ${how}: the line that blocks is in the report of the killed process`, async (t) => {
    const program = `
      const client = await pool.connect();
      await client.query('begin');
      say('frozen');
      function forEver() {
        ${code}
      }
      forEver();`;
    const directory = join(projectFolder(t), 'traces');
    const isSeen = (): boolean => existsSync(directory) && readTraces(directory).some((trace) => linesOf(trace, 'blocked').some(({ ms, stack }) => ms > 1000 && stack !== undefined));
    const run = async (env: NodeJS.ProcessEnv, until: () => boolean): Promise<ProgramResult> =>
      runProgram(t, {
        files: { 'app.mjs': PRELUDE + program },
        env: { ...env, DATABASE_URL: await database() },
        onLine: (line, child) => void (line === 'frozen' && eventually('the block is in the trace', until).finally(() => child.kill('SIGKILL'))),
      });
    const [bare, recorded] = await Promise.all([run({}, () => true), run(withProbe({}, directory), isSeen)]);
    t.deepEqual([recorded.signal, recorded.stdout, recorded.stderr], [bare.signal, bare.stdout, bare.stderr]);
    const { report } = await analyse([directory]);
    const blocked = report.findings.find(({ rule }) => rule === 'event-loop-blocked');
    t.deepEqual([blocked?.severity, blocked?.callSite?.function], ['error', 'forEver'], JSON.stringify(report.findings.map(({ title }) => title)));
    t.regex(report.notes.join(), /has no end/);
  });
}


test.serial('SIGKILL loses at most the last tenth of a second', async (t) => {
  const program = `
    const { existsSync, readFileSync, readdirSync } = await import('node:fs');
    const directory = process.env.LIFEGUARD_DIR;
    const TASKS = '/proc/self/task';
    // How long its threads were ready to run and had no processor, in nanoseconds; Linux says it.
    const starved = () => (existsSync(TASKS) ? readdirSync(TASKS).reduce((sum, thread) => sum + Number(readFileSync(TASKS + '/' + thread + '/schedstat', 'utf8').split(' ')[1]), 0) : 0);
    await pool.query('select 0');
    // The thread that writes takes its time to start.
    while (directory !== undefined && !existsSync(directory)) await delay(10);
    const times = [];
    const start = performance.now();
    const before = starved();
    while (performance.now() < start + 350 + Number(process.argv[2])) {
      await pool.query('select 1');
      times.push(performance.now());
    }
    writeSync(1, JSON.stringify({ times, starvedMs: (starved() - before) / 1e6 }));
    process.kill(process.pid, 'SIGKILL');`;
  const losses: number[] = [];
  // Wherever between two writes it comes. A machine that stands still may keep the writer from its turn: not most times.
  for (const after of [0, 13, 27, 41, 55]) {
    const compared = await compare(t, database, { program, args: [String(after)], ignoresStdout: true });
    const { times: done, starvedMs } = JSON.parse(compared.recorded.stdout) as { times: number[]; starvedMs: number };
    const [trace] = compared.traces;
    t.is(compared.traces.length, 1);
    if (trace === undefined) return;
    const count = linesOf(trace, 'checkout').filter(({ outcome }) => outcome === 'released').length - 1;
    t.true(count > 0 && count <= done.length);
    const killedAt = done.at(-1) ?? 0;
    // What is missing is the end: the first that is not there says since when. Nobody writes without a processor.
    losses.push(count === done.length ? 0 : Math.max(0, killedAt - (done[count] ?? killedAt) - starvedMs));
  }
  losses.sort((a, b) => a - b);
  t.log(`lost: ${losses.map((ms) => `${Math.round(ms)} ms`).join(', ')}`);
  t.true((losses[2] ?? Infinity) <= 100, losses.join(' '));
});

test.serial('the directory is taken away while it is written to', async (t) => {
  const folder = temporaryFolder(t);
  const directory = join(folder, 'traces');
  const { bare } = await compare(t, database, { program: `const { existsSync, readdirSync, rmSync } = await import('node:fs'); ${WORK.replace('await pool.end();', 'const directory = process.env.LIFEGUARD_DIR; while (directory !== undefined && !(existsSync(directory) && readdirSync(directory).length > 0)) await delay(10); if (directory !== undefined) rmSync(directory, { recursive: true }); await delay(150); await pool.end();')}`, directory });
  t.deepEqual([bare.status, bare.stdout], [0, 'done\n']);
  t.false(existsSync(directory));
});

test.serial('LIFEGUARD=off turns a preload that was left behind into nothing', async (t) => {
  const program = `
    import { EventEmitter } from 'node:events';
    import fs from 'node:fs';
    import dc from 'node:diagnostics_channel';
    const sources = [pg.Pool.prototype.connect, pg.Client.prototype.query, pg.Client.prototype.connect, EventEmitter.init, fs.readFileSync, JSON.parse, Promise.prototype.then];
    await pool.query('select 1');
    say(sources.map((one) => one.toString().length).join());
    say(process.listenerCount('exit'), ['undici:request:create', 'http.client.request.start', 'child_process'].map((name) => dc.hasSubscribers(name)).join());
    await pool.end();`;
  const directory = join(temporaryFolder(t), 'traces');
  const { bare, traces } = await compare(t, database, { program, directory, env: { LIFEGUARD: 'off' } });
  t.is(bare.status, 0, bare.stderr);
  t.is(traces.length, 0);
  t.false(existsSync(directory));
});
