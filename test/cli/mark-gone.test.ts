import test from 'ava';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markGone } from '../../cli/record/mark-gone.js';
import { analyse } from '../../reports/analyse.js';
import { folderWith } from './lifeguard.js';

/** What a report says of a trace of the process, without an end of its own, after `markGone`. */
async function notesOf(t: Parameters<typeof folderWith>[0], pid: number, asked: boolean, tail = '{"type":"alive","t":1000}\n'): Promise<string[]> {
  const header = { type: 'trace', version: 1, startedAt: 1e12, pid, thread: 0, node: 'v20.0.0', cwd: '/app', script: '/app/app.js' };
  const folder = folderWith(t, { 'a.ndjson': `${JSON.stringify(header)}\n${tail}` });
  const file = join(folder, 'a.ndjson');
  markGone([file], asked);
  markGone([file], asked);
  t.true(readFileSync(file, 'utf8').split('"gone"').length <= 2, 'said once');
  const { report } = await analyse([folder]);
  return report.notes;
}

const { pid: gone } = spawnSync(process.execPath, ['-e', '']);

test('a process that was ended on purpose is as it should be', async (t) => {
  t.deepEqual(await notesOf(t, gone, true), []);
});

test('one that was killed is said to have been', async (t) => {
  t.deepEqual(await notesOf(t, gone, false), [`the trace of app.js (process ${gone}) has no end: killed 1 s after its start`]);
});

test('one that goes on is not said to have ended', async (t) => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  t.teardown(() => child.kill());
  t.regex((await notesOf(t, child.pid ?? 0, true)).join(), /killed .* after its start, or still running/);
});

test('one that said its end is left alone; nothing is put behind a line that was cut off', async (t) => {
  t.deepEqual(await notesOf(t, gone, false, '{"type":"end","t":1000,"exitCode":0}\n'), []);
  t.regex((await notesOf(t, gone, true, '{"type":"alive","t":1000}\n{"type":"ali')).join(), /or still running/);
});
