/** A server that is restarted in an orderly way while a pool is in use. */
import test, { type ExecutionContext } from 'ava';
import { execFile } from 'node:child_process';
import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chooseAccount } from '../../scenarios/database/account.js';
import { findBinaries, prepareBinaries, program } from '../../scenarios/database/binaries.js';
import { USER, startCluster } from '../../scenarios/database/cluster.js';
import { querySql } from '../support/database.js';
import { temporaryFolder } from '../support/folder.js';
import { compare, reportOf, RETURN } from './support/compare.js';

type Mode = 'smart' | 'fast';

/** A server that nobody watches over, so that it may go and come back. */
async function startServer(t: ExecutionContext): Promise<{ url: string; restart: (mode: Mode) => Promise<unknown> }> {
  const account = chooseAccount();
  const folder = temporaryFolder(t);
  if (account.uid !== undefined && account.gid !== undefined) chownSync(folder, account.uid, account.gid);
  const { port, password } = await startCluster(folder, findBinaries(), account, {});
  const command = program(prepareBinaries(findBinaries(), folder, account), 'pg_ctl');
  const control = (words: string[]): Promise<unknown> =>
    // It waits until that is done. The server goes on with the settings that it was started with.
    promisify(execFile)(command, [...words, '--pgdata', join(folder, 'data'), '--log', join(folder, 'log'), '--wait'], { ...account, cwd: folder });
  t.teardown(() => control(['stop', '--mode', 'immediate']));
  return { url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`, restart: (mode) => control(['restart', '--mode', mode]) };
}

interface Restart {
  mode: Mode;
  program: string;
  /** One of those of the report. */
  note: RegExp;
  outcome: string;
  statements: string[];
}

const RESTARTS: Restart[] = [
  {
    mode: 'fast',
    program: `
      const WORKING = "select 1 from pg_stat_activity where datname = current_database() and query like '%sleep(30)' and state = 'active'";
      const client = await pool.connect();
      const errors = [];
      client.on('error', (error) => errors.push(error.code ?? error.message));
      const gone = new Promise((resolve) => client.once('end', resolve));
      const working = pool.query('select pg_sleep(30)').catch((error) => error.code ?? error.message);
      while ((await client.query(WORKING)).rowCount === 0) await delay(10);
      await client.query('begin');
      say('ready');
      say('working', await working);
      await gone;
      say('holding', errors.join());
      await client.query('select 1').catch((error) => say(error.message));
      client.release(true);
      ${RETURN}`,
    note: /^2 connections were closed by the server \(57P01, terminated by an administrator or a shutdown\), while in use \(acquired at app\.mjs:\d+\)$/,
    outcome: 'destroyed 57P01',
    statements: ['begin'],
  },
  {
    // It waits for those who are connected, and lets in nobody else.
    mode: 'smart',
    program: `
      const client = await pool.connect();
      await client.query('begin');
      say('ready');
      for (let code; code === undefined;) {
        const other = new pg.Client({ connectionString: process.env.DATABASE_URL });
        other.on('error', () => {});
        await other.connect().then(() => delay(20), (error) => { code = error.code; });
        await other.end().catch(() => {});
      }
      say('nobody else is let in');
      await client.query('select 1 as last');
      await client.query('commit');
      client.release(true);
      ${RETURN}`,
    note: /^\d+ connections? could not be opened \(57P03, the server was starting up or shutting down\)$/,
    outcome: 'destroyed',
    statements: ['begin', 'select ? as last', 'commit'],
  },
];

for (const { mode, program: code, note, outcome, statements } of RESTARTS) {
  test.serial(`the server is restarted (${mode}) and the program goes on`, async (t) => {
    const { url, restart } = await startServer(t);
    const urls = ['one', 'other'].map((name) => url.replace(/postgres$/, name));
    for (const name of ['one', 'other']) await querySql(url, `create database ${name}`);
    let ready = 0;
    let restarting: Promise<unknown> = Promise.resolve();
    const compared = await compare(t, async () => urls.pop() ?? url, {
      program: code,
      // One server for both programs: once both of them are at work.
      onLine: (line) => {
        if (line === 'ready' && ++ready === 2) restarting = restart(mode);
      },
    });
    await restarting;
    t.is(compared.bare.status, 0, compared.bare.stderr);
    t.deepEqual(await querySql(url, 'select 1 as one'), [{ one: 1 }]);
    const { report, timeline } = await reportOf(compared);
    t.true(report.notes.some((text) => note.test(text)), report.notes.join('\n'));
    t.false(report.findings.some(({ rule }) => rule === 'connection-leak'));
    const held = timeline.checkouts.filter(({ via }) => via === 'connect');
    t.deepEqual(held.map(({ outcome: how, error }) => `${how} ${error}`.trim()), [outcome]);
    t.deepEqual(held[0]?.queries.map(({ statement }) => statement.text).filter((text) => !text.includes('pg_stat_activity')), statements);
    t.deepEqual(report.lost, { events: 0, probeErrors: 0, badLines: 0 });
    t.deepEqual(report.missing, []);
  });
}
