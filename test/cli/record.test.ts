import test from 'ava';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith, isGone, isOneLine, lifeguard, recordForLong, type Said } from './lifeguard.js';

const SHOW_ARGUMENTS = 'console.log(JSON.stringify(process.argv.slice(2)))';
/** Runs on until it is told to end, and says when it can be told. */
const RUN_ON = 'setInterval(() => {}, 1000); console.log(`ready ${process.pid}`);';
const IGNORE_SIGTERM = `process.on('SIGTERM', () => console.log('no')); ${RUN_ON}`;

const isReady = ({ stdout }: Said): boolean => stdout.includes('ready');

function pidsIn(text: string): number[] {
  return [...text.matchAll(/ready (\d+)/g)].map(([, pid]) => Number(pid));
}

for (const status of [0, 1, 2, 7]) {
  test(`record ends with the command's own status ${status}`, async (t) => {
    const said = await lifeguard(t, ['record', '--', process.execPath, '-e', `process.exit(${status})`]);
    t.is(said.status, status, said.stderr);
  });
}

test('record ends with 128 + n when a signal ended the command', async (t) => {
  const said = await lifeguard(t, ['record', '--', process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")']);
  t.is(said.status, 137, said.stderr);
});

test('arguments arrive as they are', async (t) => {
  const cwd = folderWith(t, { 'my app.cjs': SHOW_ARGUMENTS });
  const args = ['a  b', '', '$HOME', '*', '"', "'", '007', '1e3', '--out', '--', '-x=1', 'ü\n'];
  const said = await lifeguard(t, ['record', '--', 'node', 'my app.cjs', ...args], { cwd });
  t.is(said.status, 0, said.stderr);
  t.deepEqual(JSON.parse(said.stdout), args);
});

test('the program\'s stdout and stderr stay apart, and ours is on stderr', async (t) => {
  const said = await lifeguard(t, ['record', '--', process.execPath, '-e', 'console.log("out"); console.error("err")']);
  t.is(said.stdout, 'out\n');
  t.regex(said.stderr, /^err\n/);
  t.is(said.words.length, 1);
});

test('the program gets the probe, and its other preloads, too', async (t) => {
  const cwd = folderWith(t, { 'first.cjs': 'globalThis.first = true' });
  const program = 'console.log(globalThis.first, process.env.NODE_OPTIONS, process.env.LIFEGUARD_DIR)';
  const said = await lifeguard(t, ['record', '--out', 'traces', '--', process.execPath, '-e', program], {
    cwd,
    env: { NODE_OPTIONS: `--require=${join(cwd, 'first.cjs')}` },
  });
  t.true(said.stdout.startsWith('true --require='), said.stdout);
  t.regex(said.stdout, /--import=file:\/\/\S+\/probes\/register\.js /);
  t.true(said.stdout.endsWith(` ${join(cwd, 'traces')}\n`));
});

test('without a trace it says why that may be, and leaves no folder', async (t) => {
  const cwd = folderWith(t, {});
  const said = await lifeguard(t, ['record', '--', process.execPath, '-e', '0'], { cwd });
  t.deepEqual(said.words.length, 1);
  t.regex(said.stderr, /no trace: no pg pool or client was used/);
  t.false(existsSync(join(cwd, '.lifeguard')));
});

// What the probe would write; the commands are tested with the real one elsewhere.
const WRITE_TRACE = 'require("fs").writeFileSync(process.env.LIFEGUARD_DIR + "/1.ndjson", "{}\\n")';

test('says how many traces there are, and where', async (t) => {
  const cwd = folderWith(t, {});
  const said = await lifeguard(t, ['record', '--', process.execPath, '-e', WRITE_TRACE], { cwd });
  const [, name = ''] = /1 trace in \.lifeguard\/(\S+)\n/.exec(said.stderr) ?? [];
  t.regex(name, /^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/);
  const directory = join(cwd, '.lifeguard', name);
  t.deepEqual(readdirSync(directory), ['1.ndjson']);
  t.is(statSync(directory).mode & 0o777, 0o700);
  // The next one gets a folder of its own, even in the same second.
  await lifeguard(t, ['record', '--', process.execPath, '-e', WRITE_TRACE], { cwd });
  t.is(readdirSync(join(cwd, '.lifeguard')).filter((entry) => entry !== '.gitignore').length, 2);
});

test('counts the traces of this run only', async (t) => {
  const cwd = folderWith(t, { 'traces/old.ndjson': '{}\n' });
  const said = await lifeguard(t, ['record', '--out', 'traces', '--', process.execPath, '-e', WRITE_TRACE], { cwd });
  t.regex(said.stderr, /: 1 trace in traces, beside 1 of earlier runs that its reports show as well\n/);
  const none = await lifeguard(t, ['record', '--out', 'traces', '--', process.execPath, '-e', '0'], { cwd });
  t.regex(none.stderr, /no trace: /);
  t.true(existsSync(join(cwd, 'traces/old.ndjson')));
});

const CANNOT_START: [name: string, command: string[], pattern: RegExp][] = [
  ['a command that does not exist', ['nodee', 'app.js'], /cannot start "nodee": there is no such command in PATH\n/],
  ['a file that does not exist', ['./nothing'], /cannot start "\.\/nothing": there is no such file/],
  ['a script without node', ['./app.cjs'], /cannot start "\.\/app\.cjs": it is not an executable file; to run it: -- node \.\/app\.cjs/],
  ['a script that is not in the PATH', ['app.cjs'], /to run the file: -- node app\.cjs/],
  ['a shell line as one word', ['node app.cjs'], /write its arguments as words of their own \(-- node app\.js\), or a shell line as -- sh -c "node app\.cjs"/],
  ['a script whose interpreter does not exist', ['./odd'], /its interpreter/],
];
for (const [name, command, pattern] of CANNOT_START) {
  test(`${name}: one line, exit 2`, async (t) => {
    const cwd = folderWith(t, { 'app.cjs': SHOW_ARGUMENTS, odd: '#!/no/such/interpreter\n' });
    isOneLine(t, await lifeguard(t, ['record', '--', ...command], { cwd }), pattern);
    t.false(existsSync(join(cwd, '.lifeguard')));
  });
}

test('shell scripts, npm start and npx tsx work', async (t) => {
  const cwd = folderWith(t, {
    'package.json': JSON.stringify({ type: 'module', scripts: { start: 'node app.js "from  npm"' } }),
    'app.js': SHOW_ARGUMENTS,
    'app.ts': `const greeting: string = 'typed'; console.log(greeting)`,
    'script.sh': '#!/bin/sh\nnode app.js "$@"\nexit 5\n',
    bare: 'node app.js bare\n',
  });
  const script = await lifeguard(t, ['record', '--', './script.sh', 'a  b'], { cwd });
  t.deepEqual([script.status, script.stdout], [5, '["a  b"]\n']);
  const npm = await lifeguard(t, ['record', '--', 'npm', 'start'], { cwd });
  t.is(npm.status, 0, npm.stderr);
  t.true(npm.stdout.endsWith('["from  npm"]\n'), npm.stdout);
  const tsx = await lifeguard(t, ['record', '--', 'npx', 'tsx', 'app.ts'], { cwd });
  t.deepEqual([tsx.status, tsx.stdout], [0, 'typed\n']);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} is passed on once; the command says how it ends`, async (t) => {
    const program = `let n = 0; process.on('${signal}', () => { console.log('signal', ++n); setTimeout(() => process.exit(40 + n), 300); }); ${RUN_ON}`;
    const said = await lifeguard(t, ['record', '--', process.execPath, '-e', program], {
      onLine: (line, running) => line.startsWith('ready') && running.kill(signal),
    });
    t.is(said.status, 41, said.stderr);
    t.deepEqual(said.stdout.match(/signal \d/g), ['signal 1']);
    t.regex(said.stderr, /no trace: /);
  });
}

test('Ctrl-C in a terminal, which signals our whole group: once, and still a report', async (t) => {
  const program = `let n = 0; process.on('SIGINT', () => { console.log('signal', ++n); setTimeout(() => process.exit(40 + n), 300); }); ${RUN_ON}`;
  const said = await lifeguard(t, ['record', '--', process.execPath, '-e', program], {
    group: true,
    onLine: (line, { pid }) => line.startsWith('ready') && process.kill(-pid, 'SIGINT'),
  });
  t.is(said.status, 41, said.stderr);
  t.regex(said.stderr, /no trace: /);
});

test('Ctrl-C without a handler: 130, and nothing is left of npm, sh and node', async (t) => {
  const cwd = folderWith(t, { 'package.json': JSON.stringify({ scripts: { start: 'node app.cjs && true' } }), 'app.cjs': RUN_ON });
  const said = await lifeguard(t, ['record', '--', 'npm', 'start'], { cwd, onLine: (line, running) => line.startsWith('ready') && running.kill('SIGINT') });
  t.not(said.status, 0);
  const [pid = 0] = pidsIn(said.stdout);
  await isGone(t, pid);
  const plain = await lifeguard(t, ['record', '--', process.execPath, '-e', RUN_ON], { onLine: (line, running) => line.startsWith('ready') && running.kill('SIGINT') });
  t.is(plain.status, 130);
});

test('--duration ends a program that would run on, and that is no failure', async (t) => {
  const said = await recordForLong(t, 3, ['--', process.execPath, '-e', RUN_ON], isReady);
  t.is(said.status, 0, said.stderr);
  t.is(pidsIn(said.stdout).length, 1);
  await isGone(t, pidsIn(said.stdout)[0]);
});

test('--duration lets a program that ends before keep its status', async (t) => {
  const said = await lifeguard(t, ['record', '--duration', '60', '--', process.execPath, '-e', 'process.exit(3)']);
  t.is(said.status, 3, said.stderr);
});

test('--duration ends a program that ignores SIGTERM', async (t) => {
  const said = await recordForLong(t, 3, ['--grace', '1', '--', process.execPath, '-e', IGNORE_SIGTERM], ({ stdout }) => stdout.includes('no\n'));
  t.is(said.status, 0, said.stderr);
  t.regex(said.stdout, /no\n/);
  await isGone(t, pidsIn(said.stdout)[0]);
});

test('--duration leaves a program the time to say farewell, and asks once', async (t) => {
  // Longer than a shell gets before all that it runs are told.
  const program = `process.once('SIGTERM', () => setTimeout(() => { console.log('farewell'); process.exit(9); }, 1500)); ${RUN_ON}`;
  const said = await recordForLong(t, 3, ['--', process.execPath, '-e', program], isReady);
  t.is(said.status, 0, said.stderr);
  t.regex(said.stdout, /farewell\n/);
});

test('--duration ends the whole tree: npm, its shell, a program and what it forked', async (t) => {
  const cwd = folderWith(t, {
    'package.json': JSON.stringify({ scripts: { start: 'node parent.cjs; echo over' } }),
    'parent.cjs': `
      const { fork, spawn } = require('node:child_process');
      fork('./child.cjs');
      spawn(process.execPath, ['./child.cjs'], { detached: true, stdio: 'inherit' }); // in a group of its own
      ${IGNORE_SIGTERM}`,
    'child.cjs': IGNORE_SIGTERM,
  });
  const said = await recordForLong(t, 6, ['--grace', '1.5', '--', 'npm', 'start'], ({ stdout }) => pidsIn(stdout).length >= 3, { cwd });
  t.is(said.status, 0, said.stderr);
  const pids = pidsIn(said.stdout);
  t.is(pids.length, 3, said.stdout);
  for (const pid of pids) await isGone(t, pid);
});

test('--duration covers a service in the background', async (t) => {
  const cwd = folderWith(t, { 'app.cjs': RUN_ON });
  const said = await recordForLong(t, 3, ['--', 'sh', '-c', 'node app.cjs & true'], isReady, { cwd });
  t.is(said.status, 0, said.stderr);
  const [pid = 0] = pidsIn(said.stdout);
  t.true(pid > 0, 'it ran until the time was up');
  await isGone(t, pid);
});

test('what a command leaves running may finish soon', async (t) => {
  const cwd = folderWith(t, { 'app.cjs': 'setTimeout(() => console.log("done"), 700)' });
  const said = await lifeguard(t, ['record', '--', 'sh', '-c', 'node app.cjs & exit 6'], { cwd });
  t.is(said.status, 6, said.stderr);
  t.is(said.stdout, 'done\n');
});

test('nothing is left behind when we are killed ourselves', async (t) => {
  const said = await lifeguard(t, ['record', '--', process.execPath, '-e', RUN_ON], {
    onLine: (line, running) => line.startsWith('ready') && running.kill('SIGKILL'),
  });
  t.is(said.signal, 'SIGKILL');
  const [pid = 0] = pidsIn(said.stdout);
  t.true(pid > 0);
  await isGone(t, pid);
});
