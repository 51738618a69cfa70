/** Pools other than pg-pool are recorded under the same terms: requests, waits, holds, time-outs and failures. */
import test, { type ExecutionContext } from 'ava';
import type { CheckoutLine } from '../../probes/trace/events.js';
import { findFaults } from '../probes/support/well-formed.js';
import { readHolds, type Hold } from '../probes/support/holds.js';
import { useDatabase } from '../support/database.js';
import { closedPort } from '../support/http-service.js';
import { linesOf, recordProgram, type Trace } from '../support/program.js';

const { database } = useDatabase(test);

/** What each program has: `open` makes a pool of two, `hold` holds a connection of it for a while, `close` ends it; `setTimeLimit` is for later requests. */
const LIBRARIES: Record<string, string> = {
  tarn: `
    const open = (url, acquire) => require('knex')({ client: 'pg', connection: url, pool: { min: 0, max: 2 }, acquireConnectionTimeout: acquire, log: { warn() {} } });
    const hold = async (knex, seconds) => knex.raw('select pg_sleep(?)', [seconds]);
    const setTimeLimit = (knex, ms) => (knex.client.pool.acquireTimeoutMillis = ms);
    const close = (knex) => knex.destroy();`,
  'sequelize-pool': `
    const { Sequelize } = require('sequelize');
    const open = (url, acquire) => new Sequelize(url, { logging: false, pool: { max: 2, acquire } });
    const hold = (sequelize, seconds) => sequelize.query('select pg_sleep(' + seconds + ')');
    const setTimeLimit = (sequelize, ms) => (sequelize.connectionManager.pool.acquireTimeoutMillis = ms);
    const close = (sequelize) => sequelize.close();`,
  slonik: `
    const { createPool, sql } = require('slonik');
    const open = (url) => createPool(url, { maximumPoolSize: 2, connectionRetryLimit: 0 });
    const hold = (pool, seconds) => pool.query(sql.unsafe\`select pg_sleep(\${seconds})\`);
    const close = (pool) => pool.end();`,
};

async function run(t: ExecutionContext, library: string, body: string, more: NodeJS.ProcessEnv = {}): Promise<{ trace: Trace; holds: Hold[] }> {
  const source = `${LIBRARIES[library] ?? ''}\nconst { DATABASE_URL: url } = process.env;\n(async () => {\n${body}\n})();\n`;
  const env = { DATABASE_URL: await database(), ...more };
  const { status, stderr, traces } = await recordProgram(t, { files: { 'program.cjs': source }, env });
  t.is(status, 0, stderr);
  const [trace] = traces;
  if (trace === undefined) throw new Error(`no trace: ${stderr}`);
  t.deepEqual(linesOf(trace, 'problem'), []);
  const holds = readHolds(trace);
  t.deepEqual(holds.flatMap((hold) => findFaults(hold)), []);
  return { trace, holds };
}

const fromPool = (holds: readonly Hold[]): CheckoutLine[] => holds.map(({ line }) => line).filter(({ via }) => via === 'connect');
const endOf = ({ t, waitMs = 0, useMs = 0 }: CheckoutLine): number => t + waitMs + useMs;

for (const library of Object.keys(LIBRARIES)) {
  test(`${library}: five at once in a pool of two`, async (t) => {
    const { trace, holds } = await run(t, library, 'const pool = await open(url, 9000); await Promise.all([1, 2, 3, 4, 5].map(() => hold(pool, 0.1))); await close(pool);');
    t.deepEqual(linesOf(trace, 'pool').map(({ kind, max, acquireTimeoutMs }) => [kind, max, acquireTimeoutMs]), [[library, 2, library === 'slonik' ? 0 : 9000]]);
    const checkouts = fromPool(holds);
    t.deepEqual(checkouts.map(({ pool, outcome }) => [pool, outcome]), Array.from({ length: 5 }, () => [1, 'released']));
    // All were there before the first was done; those that came last were served when it was, and with them one whose connection took that long to open.
    const firstEndMs = Math.min(...checkouts.map(endOf));
    t.true(checkouts.every((checkout) => checkout.t < firstEndMs));
    t.true(checkouts.filter(({ t: requested, waitMs = 0 }) => requested + waitMs >= firstEndMs - 0.01).length >= 3);
    for (const { t: requested, waitMs = 0 } of checkouts) {
      const heldThen = checkouts.filter((other) => other.t + (other.waitMs ?? 0) <= requested + waitMs && endOf(other) > requested + waitMs);
      t.true(heldThen.length <= 2, 'no more are held than there are');
    }
    const connections = new Set(checkouts.map(({ connection }) => connection));
    t.true(connections.size <= 2);
    const open = linesOf(trace, 'connection').filter(({ state }) => state === 'connected');
    t.true(open.filter(({ id }) => connections.has(id)).every(({ pool }) => pool === 1));
  });

  test(`${library}: no client of a pool is taken for one without`, async (t) => {
    const { holds } = await run(t, library, `
      const pool = await open(url, 9000);
      await hold(pool, 0);
      const { Client } = require('pg');
      const lone = new Client(url);
      await lone.connect();
      await lone.query('select 1 as "lone"');
      await lone.end();
      await close(pool);`);
    const lone = holds.filter(({ line }) => line.via === 'client');
    // Slonik asks for types over a client of its own.
    t.is(lone.length, library === 'slonik' ? 2 : 1);
    t.deepEqual(lone.at(-1)?.statements.map(({ text }) => text), ['select ? as "lone"']);
    t.deepEqual(lone.map(({ line }) => line.pool), lone.map(() => 0));
  });

  test(`${library}: a server that is not there`, async (t) => {
    const nowhere = `postgres://nobody@127.0.0.1:${await closedPort()}/none`;
    // Slonik needs the server to make a pool: it goes away afterwards.
    const body = library === 'slonik' ? 'const { Client } = require("pg"); const pool = await open(url); const { connect } = Client.prototype; Client.prototype.connect = function (...rest) { this.port = this.connectionParameters.port = Number(new URL(process.env.NOWHERE).port); return connect.apply(this, rest); };' : 'const pool = await open(process.env.NOWHERE, 60_000);';
    const { holds } = await run(t, library, `${body} await hold(pool, 0).then(() => process.exit(9), () => {}); process.exit(0);`, { NOWHERE: nowhere });
    const outcomes = fromPool(holds).map(({ outcome, connection }) => [outcome, connection]);
    // Sequelize looks at the server's version first, outside of its pool.
    t.deepEqual(outcomes, library === 'sequelize-pool' ? [] : [['failed', undefined]]);
  });

  if (library === 'slonik') continue;
  test(`${library}: a request that waited in vain`, async (t) => {
    // To connect may take longer on a busy machine, and the connections are held until the request has been refused.
    const { holds } = await run(t, library, `
      const pool = await open(url, 60_000);
      await Promise.all([hold(pool, 0), hold(pool, 0)]);
      setTimeLimit(pool, 1000);
      let areHeld = true;
      const long = Promise.allSettled([hold(pool, 600), hold(pool, 600)]).then(() => (areHeld = false));
      await hold(pool, 0).then(() => process.exit(9), () => {});
      const { Client } = require('pg');
      const other = new Client(url);
      await other.connect();
      while (areHeld) await other.query("select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query like '%pg_sleep%'");
      await other.end();
      await long;
      await close(pool);`);
    const refused = fromPool(holds).filter(({ outcome }) => outcome !== 'released');
    t.deepEqual(refused.map(({ outcome, connection }) => [outcome, connection]), [['timeout', undefined]]);
    t.true((refused[0]?.waitMs ?? 0) >= 990);
  });
}
