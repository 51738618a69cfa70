/** The program writes what it has before a signal may end it. */
import test from 'ava';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { settleDeep, settleFirst } from '../../cli/deep/settle.js';
import { prepareDeep } from '../../cli/deep/prepare.js';
import type { Program } from '../../cli/record/program.js';
import { pathsOf, stopFile } from '../../probes/deep/files.js';
import { temporaryFolder } from '../support/folder.js';
import { listen } from './record-deep.js';

test('a signal that may end the program waits, others do not', async (t) => {
  const events: string[] = [];
  const program: Program = {
    pid: 0,
    ended: Promise.resolve({ code: 0, signal: null }),
    isRunning: () => true,
    signal: (signal) => void events.push(`to it ${signal}`),
    signalAll: (signal) => void events.push(`to all ${signal}`),
    end: () => Promise.resolve(0),
  };
  let settled = (): void => {};
  const guarded = settleFirst(program, () => {
    events.push('asked');
    return new Promise((resolve) => (settled = resolve));
  });
  guarded.signalAll('SIGINT');
  guarded.signalAll('SIGWINCH');
  t.deepEqual(events, ['asked', 'to all SIGWINCH']);
  settled();
  await Promise.resolve();
  await Promise.resolve();
  t.deepEqual(events, ['asked', 'to all SIGWINCH', 'to all SIGINT']);
});

test('asks by a file, and waits for those that collect and live', async (t) => {
  const folder = temporaryFolder(t);
  const own = pathsOf(folder, process.pid);
  mkdirSync(dirname(own.stacks), { recursive: true });
  // One that has ended: there is no such process.
  mkdirSync(dirname(pathsOf(folder, 2 ** 22 + 1).stacks), { recursive: true });
  let isSettled = false;
  const settling = settleDeep(folder).then(() => (isSettled = true));
  t.true(existsSync(stopFile(folder)));
  await Promise.resolve();
  t.false(isSettled);
  writeFileSync(own.done, '');
  await settling;
  t.true(isSettled);
});

test.serial('a program that has node write its events elsewhere: one line, and nothing is left', async (t) => {
  const directory = temporaryFolder(t);
  const said = await listen(() => t.is(prepareDeep(directory, { NODE_OPTIONS: '--trace-event-categories v8' }), null));
  t.deepEqual(said, ["lifeguard: --deep: NODE_OPTIONS asks for node's trace events already, which go to one place only; going on without it"]);
  t.deepEqual(readdirSync(directory), []);
});
