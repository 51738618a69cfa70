import test from 'ava';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../reports/model.js';
import { eventually } from '../support/eventually.js';
import { folderWith, isOneLine, lifeguard, MAIN } from './lifeguard.js';
import { cleanTrace, idleTrace, traceWithAwait } from './traces.js';

const ESCAPE = '\u001b[';

test('report: for people on stdout, nothing on stderr, exit 0 even with findings', async (t) => {
  const cwd = folderWith(t, { 'traces/1.ndjson': traceWithAwait() });
  const said = await lifeguard(t, ['report', 'traces'], { cwd });
  t.is(said.status, 0, said.stderr);
  t.is(said.stderr, '');
  t.true(said.stdout.includes('orders.js:88'), said.stdout);
  t.false(said.stdout.includes(ESCAPE), 'no colours where no terminal is');
});

test('a file and a directory are the same', async (t) => {
  const cwd = folderWith(t, { 'traces/1.ndjson': traceWithAwait() });
  const directory = await lifeguard(t, ['report', 'traces'], { cwd });
  const file = await lifeguard(t, ['report', 'traces/1.ndjson'], { cwd });
  t.is(file.stdout, directory.stdout);
});

test('colours: --color, --no-color, NO_COLOR, FORCE_COLOR', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  const colored = async (words: string[], env: NodeJS.ProcessEnv = {}): Promise<boolean> =>
    (await lifeguard(t, ['report', '1.ndjson', ...words], { cwd, env })).stdout.includes(ESCAPE);
  t.true(await colored(['--color']));
  t.true(await colored([], { FORCE_COLOR: '1' }));
  t.false(await colored(['--no-color'], { FORCE_COLOR: '1' }));
  t.false(await colored([], { FORCE_COLOR: '1', NO_COLOR: '1' }));
  t.true(await colored(['--color'], { NO_COLOR: '1' }));
});

test('names, SQL and paths cannot steer the terminal, nor begin a line of their own', async (t) => {
  const hostile = traceWithAwait().replaceAll('placeOrder', String.raw`\u001b]0;title\u0007\u001b[2J\n::warning::\u202ex`).replaceAll('select ?', String.raw`select ? as \"\u009b31m\"`);
  const cwd = folderWith(t, { '1.ndjson': hostile, 'a/1.ndjson': hostile });
  // What the tool itself writes in colour ends in m.
  // oxlint-disable-next-line no-control-regex
  const steers = /\u001b(?!\[[\d;]*m)|[\u0007\u0080-\u009f\u202e]/;
  for (const words of [['report', '1.ndjson'], ['report', '1.ndjson', '--color'], ['check', '1.ndjson'], ['check', '1.ndjson', '--update-baseline'], ['compare', '1.ndjson', 'a'], ['whatif', '1.ndjson']]) {
    const { stdout, stderr } = await lifeguard(t, words, { cwd });
    t.notRegex(stdout, steers, words.join(' '));
    t.notRegex(stderr, steers, words.join(' '));
    if (words[0] === 'check') t.notRegex(stdout + stderr, /^::/m);
  }
  t.true((await lifeguard(t, ['check', '1.ndjson'], { cwd })).stdout.includes(String.raw`\u{1b}]0;title\u{7}`));
});

test('--output - is stdout', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  const said = await lifeguard(t, ['report', '1.ndjson', '--format', 'html', '--output', '-'], { cwd });
  t.true(said.stdout.startsWith('<!doctype html>'), said.stderr);
});

test('the width is that of the terminal', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  const countLines = async (columns: string): Promise<number> => {
    const { stdout } = await lifeguard(t, ['report', '1.ndjson'], { cwd, env: { COLUMNS: columns } });
    return stdout.split('\n').length;
  };
  t.true((await countLines('50')) > (await countLines('100')), 'narrow text has more lines');
});

test('--format json: stdout is JSON and nothing else', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  const said = await lifeguard(t, ['report', '1.ndjson', '--format', 'json'], { cwd });
  const report = JSON.parse(said.stdout) as Report;
  t.is(report.verdict, 'findings');
  t.deepEqual(report.findings.find(({ rule }) => rule === 'await-in-transaction')?.callSite?.line, 88);
  t.is(said.stderr, '');
});

test('--format html: a file next to the traces, and where it is', async (t) => {
  const cwd = folderWith(t, { 'traces/1.ndjson': traceWithAwait() });
  const said = await lifeguard(t, ['report', 'traces', '--format', 'html'], { cwd });
  t.is(said.status, 0, said.stderr);
  t.is(said.stdout, '');
  t.deepEqual(said.words, ['lifeguard: html report in traces/lifeguard-report.html']);
  t.regex(readFileSync(join(cwd, 'traces/lifeguard-report.html'), 'utf8'), /^<!doctype html>/);
});

test('several formats at once; --output is for the one that its name speaks of', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  const said = await lifeguard(t, ['report', '1.ndjson', '--format', 'json,html', '--output', 'deep/report.html'], { cwd });
  t.is(said.status, 0, said.stderr);
  t.is((JSON.parse(said.stdout) as Report).schemaVersion, 1);
  t.regex(readFileSync(join(cwd, 'deep/report.html'), 'utf8'), /^<!doctype html>/);
  t.false(existsSync(join(cwd, 'lifeguard-report.html')));
});

test('--output alone says the format', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  const said = await lifeguard(t, ['report', '1.ndjson', '--output', 'report.json'], { cwd });
  t.deepEqual([said.status, said.stdout], [0, '']);
  t.is((JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8')) as Report).verdict, 'findings');
});

test('--output that cannot be written: one line, exit 2', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  isOneLine(t, await lifeguard(t, ['report', '1.ndjson', '--output', '/dev/null/report.html'], { cwd }), /cannot write \/dev\/null\/report\.html: /);
});

const testOnLinux = process.platform === 'linux' ? test : test.skip;
testOnLinux('--open opens the HTML report in the browser', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait(), 'bin/xdg-open': '#!/bin/sh\nprintf "%s" "$1" > opened.part && mv opened.part opened\n' });
  const said = await lifeguard(t, ['report', '1.ndjson', '--open', '--output', 'my report.html'], { cwd, env: { PATH: `${join(cwd, 'bin')}:${process.env['PATH']}` } });
  t.is(said.status, 0, said.stderr);
  await eventually('the browser is called', () => existsSync(join(cwd, 'opened')), 10_000);
  t.is(readFileSync(join(cwd, 'opened'), 'utf8'), join(cwd, 'my report.html'));
});

testOnLinux('--open without a browser says so, and is no error', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  const said = await lifeguard(t, ['report', '1.ndjson', '--open'], { cwd, env: { PATH: cwd } });
  t.is(said.status, 0);
  t.regex(said.words.at(-1) ?? '', /cannot open a browser here .* the report is .*lifeguard-report\.html/);
});

test('a reader that has had enough is no error', (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  const { stderr } = spawnSync('sh', ['-c', `{ sleep 1; "$1" "$2" report 1.ndjson --format json; echo "status $?" >&2; } | true`, 'sh', process.execPath, MAIN], { cwd, encoding: 'utf8' });
  t.is(stderr, 'status 0\n');
});

test('check: exit 1 for findings of severity error, with the line', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': traceWithAwait() });
  const said = await lifeguard(t, ['check', '1.ndjson'], { cwd });
  t.is(said.status, 1, said.stdout);
  t.is(said.stderr, '');
  t.regex(said.stdout, /^error .*orders\.js:88.*\(await-in-transaction\)$/m);
});

test('check: exit 0 for the clean twin', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': cleanTrace() });
  const said = await lifeguard(t, ['check', '1.ndjson'], { cwd });
  t.is(said.status, 0, said.stdout);
  t.is(said.stderr, '');
  t.notRegex(said.stdout, /^(error|warning)/m);
});

test('check: exit 2 when nothing can be said', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': idleTrace() });
  const said = await lifeguard(t, ['check', '1.ndjson'], { cwd });
  t.is(said.status, 2, said.stdout);
  t.deepEqual(said.words.length, 1);
  t.regex(said.stderr, /^lifeguard: inconclusive: .+\n$/);
});
