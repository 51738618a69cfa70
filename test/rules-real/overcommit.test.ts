/** Processes that each have a pool, on a server that has fewer connections than they may open; and on one that has enough. */
import test, { type ExecutionContext } from 'ava';
import { join } from 'node:path';
import { analyse } from '../../reports/analyse.js';
import type { Finding } from '../../reports/model.js';
import { folderWith, lifeguard } from '../cli/lifeguard.js';
import { useDatabase } from '../support/database.js';

const { database } = useDatabase(test, { settings: { max_connections: '12', superuser_reserved_connections: '0', autovacuum: 'off' } });

const FILES = {
  'main.mjs': `
import { fork } from 'node:child_process';
import { once } from 'node:events';
const children = Array.from({ length: 3 }, () => fork('worker.mjs', { silent: true }));
// All of them hold what they got before any lets go.
await Promise.all(children.map((child) => once(child, 'message')));
for (const child of children) child.send('done');
await Promise.all(children.map((child) => once(child, 'exit')));
`,
  'worker.mjs': `
import pg from 'pg';
import { once } from 'node:events';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL_MAX) });
const clients = await Promise.allSettled(Array.from({ length: Number(process.env.POOL_MAX) }, () => pool.connect()));
await Promise.allSettled(clients.map(({ value }) => value?.query('select 1')));
process.send('full');
await once(process, 'message');
for (const { value } of clients) value?.release();
await pool.end();
process.disconnect();
`,
};

async function record(t: ExecutionContext, max: number): Promise<string> {
  const cwd = folderWith(t, FILES);
  const said = await lifeguard(t, ['record', '--out', 'traces', '--', process.execPath, 'main.mjs'], { cwd, env: { DATABASE_URL: await database(), POOL_MAX: String(max) } });
  t.is(said.status, 0, said.stderr);
  return join(cwd, 'traces');
}

const overcommits = (findings: readonly Finding[]): Finding[] => findings.filter(({ rule }) => rule === 'pool-overcommit');

test.serial('the server refuses a connection: an error at the line of the pool', async (t) => {
  const { report } = await analyse([await record(t, 6)]);
  const [finding, ...others] = overcommits(report.findings);
  t.deepEqual(others, []);
  t.deepEqual([finding?.severity, finding?.callSite?.file, finding?.callSite?.line], ['error', 'worker.mjs', 4]);
  const facts = finding?.evidence.facts ?? {};
  t.deepEqual([facts['pools'], facts['processes'], facts['connectionsPossible']], [3, 3, 18]);
  t.true(Number(facts['refused']) >= 6);
  t.regex(finding?.title ?? '', /^3 pools of 3 processes may open 18 connections; with \d+ of them open, the server refused one more, \d+ times$/);
});

test.serial('the clean twin has room; and is too much only for a server that has less, by its max_connections', async (t) => {
  const traces = await record(t, 2);
  const of = async (maxConnections: number): Promise<string[]> => overcommits((await analyse([traces], { limits: { maxConnections } })).report.findings).map(({ severity, title }) => `${severity}: ${title}`);
  t.deepEqual(await of(0), []);
  t.deepEqual(await of(6), []);
  t.deepEqual(await of(5), ['warning: 3 pools of 3 processes may open 6 connections, and the server allows 5']);
});
