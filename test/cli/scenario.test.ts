import test from 'ava';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCENARIOS } from '../../scenarios/catalogue.js';
import { querySql, useDatabase } from '../support/database.js';
import { closedPort } from '../support/http-service.js';
import { folderWith, isOneLine, lifeguard } from './lifeguard.js';

const { server } = useDatabase(test);

test('scenario list: every scenario, for people and as JSON', async (t) => {
  const said = await lifeguard(t, ['scenario', 'list']);
  t.is(said.status, 0, said.stderr);
  for (const { name, summary } of SCENARIOS) t.true(said.stdout.includes(name) && said.stdout.includes(summary));
  const json = await lifeguard(t, ['scenario', 'list', '--json']);
  t.deepEqual((JSON.parse(json.stdout) as { name: string }[]).map(({ name }) => name), SCENARIOS.map(({ name }) => name));
});

test('scenario run eleventh-request: what it says, exit 0', async (t) => {
  const cwd = folderWith(t, {});
  const said = await lifeguard(t, ['scenario', 'run', 'eleventh-request'], { cwd });
  t.is(said.status, 0, said.stdout + said.stderr);
  t.deepEqual(said.stderr.split('\n').filter((line) => line !== '' && !line.includes('is run again')), []);
  t.regex(said.stdout, /requests +faulty +fixed/);
  t.regex(said.stdout, /scenarios\/eleventh-request\/faulty\.ts:\d+ /);
  for (const line of said.stdout.split('\n')) t.true(line.length <= 80 || line.includes('/faulty.ts:'), line);
  for (const variant of ['faulty', 'fixed']) {
    const file = `.lifeguard/scenario-eleventh-request/${variant}.html`;
    t.true(said.stdout.includes(file), said.stdout);
    t.regex(readFileSync(join(cwd, file), 'utf8'), /^<!doctype html>/);
  }
});

test('--variant runs only that one', async (t) => {
  const cwd = folderWith(t, {});
  const said = await lifeguard(t, ['scenario', 'run', 'eleventh-request', '--variant', 'fixed'], { cwd });
  t.is(said.status, 0, said.stdout + said.stderr);
  t.notRegex(said.stdout, /faulty/);
  t.false(existsSync(join(cwd, '.lifeguard/scenario-eleventh-request/faulty.html')));
});

// Serial: these two ask for all databases there are.
test.serial('a server of the user: its databases are as before afterwards; both reports side by side', async (t) => {
  const cwd = folderWith(t, {});
  const { url } = server();
  const list = (): Promise<object[]> => querySql(url, 'select datname from pg_database order by 1');
  const before = await list();
  const said = await lifeguard(t, ['scenario', 'run', 'leaked-client', '--database', url], { cwd });
  t.is(said.status, 0, said.stdout + said.stderr);
  t.deepEqual(await list(), before);
  t.regex(said.stdout, /Side by side +\.lifeguard\/scenario-leaked-client\/both\.html/);
  t.regex(readFileSync(join(cwd, '.lifeguard/scenario-leaked-client/both.html'), 'utf8'), /<iframe src="fixed.html"/);
});

test.serial("scenario sweep: a scenario's service on a database of its own, which goes afterwards; exit 1 as it starves", async (t) => {
  const { url } = server();
  const list = (): Promise<object[]> => querySql(url, 'select datname from pg_database order by 1');
  const before = await list();
  // All must hold a connection at the same time, which on a busy machine they do not each time.
  const words = ['scenario', 'sweep', 'nested-checkout', '--from', '4', '--to', '6', '--seconds', '3', '--database', url];
  const said = await lifeguard(t, words, { cwd: folderWith(t, {}), env: { POOL_SIZE: '5' } });
  t.is(said.status, 1, said.stdout + said.stderr);
  t.regex(said.stdout.replaceAll('\n', ' '), /Starves at the 6th concurrent request for a connection: the pool holds 5, /);
  t.deepEqual(await list(), before);
  isOneLine(t, await lifeguard(t, ['scenario', 'sweep', 'leaked-client']), /there is nothing to sweep in "leaked-client", expected one of eleventh-request, /);
  isOneLine(t, await lifeguard(t, ['scenario', 'sweep', 'nested-checkout', '--from', '9', '--to', '3']), /--from is 9 and --to is 3/);
});

test('what makes no sense is one line, and starts nothing: exit 2', async (t) => {
  isOneLine(t, await lifeguard(t, ['scenario', 'run', 'leaked-clint']), /there is no scenario "leaked-clint", expected eleventh-request, .*; did you mean leaked-client\?/);
  isOneLine(t, await lifeguard(t, ['scenario', 'run', 'healthy', '--variant', 'fautly']), /--variant is "fautly", expected faulty or fixed; did you mean faulty\?/);
  isOneLine(t, await lifeguard(t, ['scenario', 'run']), /which scenario\? expected eleventh-request, .*, or --all/);
  isOneLine(t, await lifeguard(t, ['scenario', 'run', '--all', 'healthy']), /--all and healthy exclude each other/);
});

test('a variant that a scenario does not have is said, and is no failure', async (t) => {
  const said = await lifeguard(t, ['scenario', 'run', 'healthy', '--variant', 'faulty', '--database', server().url], { cwd: folderWith(t, {}) });
  t.is(said.status, 0, said.stdout + said.stderr);
  t.regex(said.stdout, /Not run: it has no faulty variant\./);
});

test('a database that is down: one line with host and port, without the password, exit 2', async (t) => {
  const port = await closedPort();
  const said = await lifeguard(t, ['scenario', 'run', '--all', '--database', `postgres://me:secret@127.0.0.1:${port}/shop`]);
  isOneLine(t, said, new RegExp(`no database at 127\\.0\\.0\\.1:${port}/shop`));
  t.notRegex(said.stderr, /secret/);
});
