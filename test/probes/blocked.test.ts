/** What blocks the event loop of real programs is named at its line. */
import test, { type ExecutionContext } from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withProbe } from '../../probes/preload.js';
import type { BlockedLine, RawFrame } from '../../probes/trace/events.js';
import { eventually } from '../support/eventually.js';
import { ROOT, temporaryFolder } from '../support/folder.js';
import { linesOf, readTraces, runProgram, type ProgramOptions, type ProgramResult, type Trace } from '../support/program.js';
import { programFiles, readProgram } from './support/recorded.js';
import { findDangling } from './support/well-formed.js';

const PROGRAM = 'blocked.mjs';

interface Block extends BlockedLine {
  frames: RawFrame[];
}

/** The last line of each block. */
function blocksOf(trace: Trace): Block[] {
  const stacks = new Map(linesOf(trace, 'stack').map(({ id, frames }) => [id, frames]));
  const last = new Map(linesOf(trace, 'blocked').map((line) => [line.t, line]));
  return Array.from(last.values(), (line) => Object.assign(line, { frames: stacks.get(line.stack ?? 0) ?? [] }));
}

/**
 * Blocks that tell of a part of this time, by the clock of the day. A machine with too much to do may block a program before
 * and after, and a process that is kept waiting between two looks at its clocks has the one wrong by the other.
 */
function blocksDuring(trace: Trace, from: number, to: number): Block[] {
  const { startedAt } = trace.header;
  return blocksOf(trace).filter(({ t, ms }) => Math.min(startedAt + t + ms, to) - Math.max(startedAt + t, from) > 1000);
}

/** "file:line" of the innermost frame. */
function placeOf({ frames: [innermost] }: Block): string {
  return innermost === undefined ? '' : `${innermost[1].replace(/^.*\//, '')}:${innermost[2]}`;
}

function markedPlace(kind: string): string {
  const line = readProgram(PROGRAM).split('\n').findIndex((text) => text.endsWith(`// ← ${kind}`)) + 1;
  if (line === 0) throw new Error(`${PROGRAM} has no mark ${kind}`);
  return `${PROGRAM}:${line}`;
}

/** Runs a program that goes on when GO is there, which is made as soon as its traces look as they should. */
async function runUntil(t: ExecutionContext, options: Omit<ProgramOptions, 'env'>, what: string, isThere: (traces: Trace[]) => boolean): Promise<ProgramResult & { traces: Trace[] }> {
  const folder = temporaryFolder(t);
  const directory = join(folder, 'traces');
  const go = join(folder, 'go');
  const release = (): void => writeFileSync(go, '');
  const running = runProgram(t, { ...options, env: withProbe({ ...process.env, GO: go }, directory) });
  let isOver = false;
  const seen = eventually(what, () => {
    if (isOver) throw new Error(`it ended without ${what}`);
    return isThere(readTraces(directory));
  }).finally(release);
  const result = await running.finally(() => (isOver = true));
  await seen.catch((error: unknown) => {
    throw new Error(`${String(error)}; stderr: ${result.stderr}; blocks: ${JSON.stringify(readTraces(directory).map(blocksOf))}`);
  });
  return { ...result, traces: readTraces(directory) };
}

/** Nobody listens there: enough to be recorded. */
const USE_PG = "import pg from 'pg';\nnew pg.Pool({ port: 1 }).query('select 1').catch(() => {});\n";

const isNamed = (kind: string, isOpen: boolean) => (traces: Trace[]): boolean =>
  traces.some((trace) => blocksOf(trace).some((block) => placeOf(block) === markedPlace(kind) && (!isOpen || (block.open === true && block.late === undefined))));

// These are blocked until the test has read so from the trace.
for (const kind of ['loop', 'wait', 'execSync', 'execFileSync', 'readFileSync']) {
  test.serial(`${kind}: the line is in the trace while the program is frozen`, async (t) => {
    const options = { files: programFiles(), entry: PROGRAM, args: [kind] };
    const { status, stderr, traces } = await runUntil(t, options, 'a frozen program', isNamed(kind, true));
    t.deepEqual([status, stderr, traces.length], [0, '', 1]);
    const blocks = traces.flatMap(blocksOf);
    const named = blocks.filter((block) => placeOf(block) === markedPlace(kind));
    // More than one, if the machine had no time for either thread meanwhile.
    const apart = named.filter(({ t: at, ms }) => !named.some((other) => other.t > at && other.t < at + ms));
    t.true(named.length > 0);
    t.deepEqual(apart.map(({ open, late, frames }) => [open, late, frames[0]?.[0]]), named.map(() => [undefined, undefined, kind]));
    t.deepEqual(blocks.filter(({ open }) => open === true), []);
    t.deepEqual(traces.flatMap((trace) => linesOf(trace, 'problem')), []);
    t.deepEqual(traces.flatMap(({ lines }) => findDangling(lines)), []);
  });
}

// These cannot be held: they come again, and take longer each time, until they are in the trace.
for (const kind of ['pbkdf2Sync', 'scryptSync', 'parse', 'stringify', 'structuredClone', 'expression']) {
  test.serial(`${kind}: the line is that of the call, not that of a later one`, async (t) => {
    const options = { files: programFiles(), entry: PROGRAM, args: [kind] };
    const { status, stderr, traces } = await runUntil(t, options, 'the blocking line', isNamed(kind, false));
    t.deepEqual([status, stderr, traces.length], [0, '', 1]);
    const names = traces.flatMap(blocksOf).flatMap(({ frames }) => frames.map(([name]) => name));
    t.false(names.includes('after'));
  });
}

for (const nodeArgs of [[], ['--inspect=0']]) {
  for (const [end, status, signal] of [['exit', 7, null], ['throw', 1, null], ['kill', null, 'SIGTERM']] as const) {
    test.serial(`${end} right after a block ends the program as it would without the probe ${nodeArgs.join()}`, async (t) => {
      const options = { files: programFiles(), entry: PROGRAM, args: ['loop', end], nodeArgs };
      const { stderr, traces, ...result } = await runUntil(t, options, 'a frozen program', isNamed('loop', true));
      t.deepEqual([result.status, result.signal], [status, signal]);
      const own = stderr.replace(/^Debugger listening on .*\nFor help, see: .*\n/, '');
      if (end === 'throw') t.regex(own, /^[^]*throw new Error\('on purpose'\)[^]*\n\nNode\.js v[\d.]+\n$/);
      else t.is(own, '');
      // Who sends itself a signal ends without a word.
      t.deepEqual(traces.flatMap((trace) => linesOf(trace, 'end')).map(({ exitCode }) => exitCode), end === 'kill' ? [] : [status]);
      if (end !== 'kill') t.deepEqual(traces.flatMap(blocksOf).filter(({ open }) => open === true), []);
    });
  }
}

test.serial('a line of TypeScript that tsx has compiled', async (t) => {
  const lines = ["import pg from 'pg';", "import { existsSync } from 'node:fs';", '', 'interface Unused {', '  gone: true;', '}', '', 'function spin(_?: Unused): void {'];
  const text = [...lines, "  while (!existsSync(process.env['GO'] ?? '')); // ← here", '}', '', 'new pg.Pool();', 'setTimeout(spin, 200);', ''].join('\n');
  const options = { files: { 'app.ts': text }, nodeArgs: [join(ROOT, 'node_modules/tsx/dist/cli.mjs')] };
  const line = text.split('\n').findIndex((part) => part.endsWith('// ← here')) + 1;
  const { status, stderr } = await runUntil(t, options, 'the line of the source', (traces) => traces.flatMap(blocksOf).some((block) => placeOf(block) === `app.ts:${line}`));
  t.deepEqual([status, stderr], [0, '']);
});

test.serial('a worker thread of the program: its blocks are written, without a line, and the main thread is not accused', async (t) => {
  const worker = `
import { existsSync } from 'node:fs';
import pg from 'pg';
new pg.Pool();
setTimeout(() => {
  while (!existsSync(process.env.GO));
}, 300);
`;
  const app = "import { Worker } from 'node:worker_threads';\nimport pg from 'pg';\nnew pg.Pool();\nnew Worker(new URL('worker.mjs', import.meta.url));\n";
  const isThere = (traces: Trace[]): boolean => traces.some(({ header, lines }) => header.thread !== 0 && lines.some((line) => line.type === 'blocked' && line.open === true));
  const { status, stderr, traces } = await runUntil(t, { files: { 'app.mjs': app, 'worker.mjs': worker } }, 'a frozen worker', isThere);
  t.deepEqual([status, stderr], [0, '']);
  const places = traces.filter(({ header }) => header.thread === 0).flatMap(blocksOf).map(placeOf);
  t.false(places.some((place) => place.startsWith('worker.mjs')));
});

test.serial("the program's own stack traces are left as they are", async (t) => {
  const app = `
import { existsSync } from 'node:fs';
import pg from 'pg';
new pg.Pool();
let calls = 0;
const prepare = (error, sites) => (calls++, [String(error), sites.length]);
Error.prepareStackTrace = prepare;
Error.stackTraceLimit = 3;
setTimeout(() => {
  while (!existsSync(process.env.GO));
  console.log(JSON.stringify([calls, Error.prepareStackTrace === prepare, Error.stackTraceLimit, new Error('mine').stack[0], calls]));
}, 300);
`;
  const { status, stdout } = await runUntil(t, { files: { 'app.mjs': app } }, 'a frozen program', (traces) => traces.flatMap(blocksOf).some((block) => placeOf(block) === 'app.mjs:10'));
  t.deepEqual([status, JSON.parse(stdout)], [0, [0, true, 3, 'Error: mine', 1]]);
});

test.serial('a debugger that stops the program does not block it', async (t) => {
  const app = `${USE_PG}
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
setInterval(() => existsSync(process.env.GO) && process.exit(), 20);
new Worker(new URL('debugger.mjs', import.meta.url));
`;
  const debug = `
import { existsSync, writeSync } from 'node:fs';
import { Session } from 'node:inspector';
const session = new Session();
session.connectToMainThread();
// Not by the console, which needs the main thread.
const say = (what) => writeSync(1, what + ' ' + Date.now() + '\\n');
session.on('Debugger.paused', () => say('paused'));
session.post('Debugger.enable');
setTimeout(() => session.post('Debugger.pause'), 300);
const timer = setInterval(() => {
  if (!existsSync(process.env.GO)) return;
  clearInterval(timer);
  say('resumed');
  session.post('Debugger.resume', () => session.disconnect());
}, 20);
`;
  let isPaused = false;
  let alive = 0;
  const isThere = (traces: Trace[]): boolean => {
    const now = traces.flatMap((trace) => linesOf(trace, 'alive')).length;
    if (!isPaused) alive = now;
    // It says that it lives once a second.
    return now >= alive + 3;
  };
  const files = { 'app.mjs': app, 'debugger.mjs': debug };
  const { status, stdout, traces } = await runUntil(t, { files, nodeArgs: ['--inspect=0'], onLine: (line) => void (isPaused ||= line.startsWith('paused')) }, 'a stopped program', isThere);
  t.is(status, 0);
  const [, from = 0, to = 0] = (/^paused (\d+)\nresumed (\d+)\n$/.exec(stdout) ?? []).map(Number);
  t.true(to - from > 1500, stdout);
  t.deepEqual(traces.flatMap((trace) => blocksDuring(trace, from, to)), []);
});

test.serial('a program that was stopped as a whole was not blocked', async (t) => {
  const app = `${USE_PG}
import { existsSync } from 'node:fs';
setInterval(() => existsSync(process.env.GO) && process.exit(), 20);
console.log('ready');
`;
  let kill: ((signal: NodeJS.Signals) => void) | null = null;
  let [stoppedAt, goesOnAt] = [0, 0];
  const isThere = (traces: Trace[]): boolean => {
    const alive = traces.flatMap((trace) => linesOf(trace, 'alive').map((line) => trace.header.startedAt + line.t));
    // Not before the watchdog is up.
    if (kill !== null && alive.length > 0) {
      const go = kill;
      kill = null;
      go('SIGSTOP');
      stoppedAt = Date.now();
      setTimeout(() => {
        goesOnAt = Date.now();
        go('SIGCONT');
      }, 3000);
    }
    return goesOnAt > 0 && alive.some((at) => at > goesOnAt + 1000);
  };
  const onLine: ProgramOptions['onLine'] = (line, child) => {
    if (line === 'ready') kill = (signal) => child.kill(signal);
  };
  const { status, traces } = await runUntil(t, { files: { 'app.mjs': app }, onLine }, 'the program goes on', isThere);
  t.is(status, 0);
  t.deepEqual(traces.flatMap((trace) => blocksDuring(trace, stoppedAt, goesOnAt)), []);
});

const PROBE_INDEX = new URL('../../probes/index.js', import.meta.url).href;

test.serial("node's calls are what they were while a recording lasts, and what they are made of when it has ended", async (t) => {
  const app = `
import pg from 'pg';
import { execSync } from 'node:child_process';
import { pbkdf2Sync } from 'node:crypto';
import { readFileSync } from 'node:fs';
const calls = () => [JSON.parse, JSON.stringify, structuredClone, process.kill, execSync, readFileSync, pbkdf2Sync].map((call) => [call, String(call), Object.getOwnPropertyDescriptors(call)]);
const parts = () => ['fs', 'spawn_sync'].map((name) => Object.getOwnPropertyDescriptors(process.binding(name)));
const same = (before, after) => Object.keys(before).every((key) => before[key].value === after[key].value && before[key].get === after[key].get);
const stacks = () => [() => JSON.parse('{'), () => readFileSync('/nowhere'), () => execSync('exit 3', { stdio: 'ignore' }), () => structuredClone(), () => process.kill(0, 'none')].map((call) => {
  try { return call(); } catch (error) { return error.stack.replace(/app\\.mjs[^]*/, ''); }
});
const [before, partsBefore, stacksBefore] = [calls(), parts(), stacks()];
const { watchPool } = await import(process.env.PROBE_INDEX);
const watch = watchPool(new pg.Pool(), { directory: process.env.WATCH_DIR });
const isSame = calls().every(([call, text], index) => call === before[index][0] && text === before[index][1]);
const hasSameStacks = JSON.stringify(stacks()) === JSON.stringify(stacksBefore);
const isNoted = parts().some((part, index) => !same(partsBefore[index], part));
const results = [execSync('echo hi', { encoding: 'utf8' }), readFileSync(process.argv[1], 'utf8').length > 100, process.kill(process.pid, 0)];
watch.stop();
console.log(JSON.stringify({ isSame, hasSameStacks, isNoted, results, isRestored: parts().every((part, index) => same(partsBefore[index], part)) }));
`;
  const env = { PROBE_INDEX, WATCH_DIR: join(temporaryFolder(t), 'traces') };
  const { stdout, stderr, status } = await runProgram(t, { files: { 'app.mjs': app }, env });
  t.deepEqual([status, stderr], [0, '']);
  t.deepEqual(JSON.parse(stdout), { isSame: true, hasSameStacks: true, isNoted: true, results: ['hi\n', true, true], isRestored: true });
});
