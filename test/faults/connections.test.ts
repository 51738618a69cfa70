/** Connections that break, and servers that go away. */
import test from 'ava';
import { startDatabase } from '../../scenarios/database/database.js';
import { useDatabase } from '../support/database.js';
import { compare, reportOf, RETURN, type CompareOptions } from './support/compare.js';

const { database } = useDatabase(test);

/**
 * A TCP proxy before the server, of which `say`s tell nothing: `proxy.stall()` lets no byte through, `proxy.reset()` breaks off,
 * `proxy.holdBack()` holds what the server says after its next answer until `proxy.letGo()`.
 */
const PROXY = `
import { createServer, connect } from 'node:net';
import { once } from 'node:events';
const sockets = new Set();
let stalled = false;
let [awaitsAnswer, held] = [false, null];
const READY = Buffer.from([0x5a, 0, 0, 0, 5]);
const { hostname, port } = new URL(process.env.DATABASE_URL);
const server = createServer((near) => {
  const far = connect(Number(port), hostname);
  for (const [from, to] of [[near, far], [far, near]]) {
    sockets.add(from);
    from.on('data', (bytes) => {
      if (stalled) return;
      const end = from === far && awaitsAnswer ? bytes.indexOf(READY) + READY.length + 1 : 0;
      if (end > READY.length) {
        to.write(bytes.subarray(0, end));
        [awaitsAnswer, held] = [false, [() => to.write(bytes.subarray(end))]];
      } else if (from === far && held !== null) held.push(() => to.write(bytes));
      else to.write(bytes);
    });
    from.on('close', () => (from === far && held !== null ? held.push(() => to.end()) : to.destroy()));
    from.on('error', () => {});
  }
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
server.unref();
const url = new URL(process.env.DATABASE_URL);
url.port = String(server.address().port);
process.env.DATABASE_URL = url.href;
export const stall = () => { stalled = true; };
export const mend = () => { stalled = false; };
export const holdBack = () => { awaitsAnswer = true; };
export const letGo = () => { for (const give of held ?? []) give(); held = null; };
export const reset = () => { for (const socket of sockets) socket.resetAndDestroy(); };
export const close = () => { server.close(); for (const socket of sockets) socket.destroy(); };
`;

const OTHER = "const other = new pg.Client({ connectionString: process.env.DATABASE_URL, application_name: 'other' }); await other.connect();";
const PID = 'client.processID';

interface Fault extends CompareOptions {
  name: string;
  /** Of the report. */
  notes: RegExp[];
  /** Outcome and error of the checkouts that the program holds itself, in their order. */
  outcomes: string[];
  /** Rules that speak; none other does. */
  rules?: string[];
}

const FAULTS: Fault[] = [
  {
    name: 'terminated while it was held idle in a transaction',
    program: `${OTHER}
      const client = await pool.connect();
      client.on('error', (error) => say('client error', error.code));
      await client.query('begin');
      const gone = new Promise((resolve) => client.once('end', resolve));
      // Waited for later: an answer that comes after the end would be an await in the transaction, and which is first is chance.
      const told = other.query('select pg_terminate_backend($1)', [${PID}]);
      await gone;
      await client.query('select 1').catch((error) => say('query', error.message));
      client.release(true);
      await told;
      say((await pool.query('select 7 as n')).rows[0].n);
      await other.end(); await pool.end();`,
    notes: [/^1 connection was closed by the server \(57P01, terminated by an administrator or a shutdown\), while in use \(acquired at app\.mjs:\d+\)$/],
    outcomes: ['destroyed 57P01'],
  },
  {
    name: 'terminated in the middle of a statement',
    program: `${OTHER}
      const client = await pool.connect();
      client.on('error', (error) => say('client error', error.code ?? error.message));
      const gone = new Promise((resolve) => client.once('end', resolve));
      const sleep = client.query('select pg_sleep(30)').catch((error) => say('query', error.code));
      while ((await other.query("select 1 from pg_stat_activity where pid = $1 and query like '%sleep%' and state = 'active'", [${PID}])).rowCount === 0) await delay(10);
      await other.query('select pg_terminate_backend($1)', [${PID}]);
      await sleep;
      // Given back before its socket ends, nobody hears of that.
      await gone;
      client.release(new Error('broken'));
      await other.end(); await pool.end();`,
    notes: [/^1 connection was closed by the server \(57P01, .*while in use/],
    outcomes: ['destroyed 57P01'],
  },
  {
    name: 'terminated while it was idle in the pool',
    program: `${OTHER}
      const pid = (await pool.query('select pg_backend_pid() as pid')).rows[0].pid;
      const removed = new Promise((resolve) => pool.once('remove', resolve));
      await other.query('select pg_terminate_backend($1)', [pid]);
      await removed;
      say((await pool.query('select 7 as n')).rows[0].n);
      await other.end(); await pool.end();`,
    notes: [/^1 connection was closed by the server \(57P01, terminated by an administrator or a shutdown\)$/],
    outcomes: [],
  },
  {
    name: 'idle_in_transaction_session_timeout',
    program: `
      const client = await pool.connect();
      client.on('error', (error) => say('client error', error.code));
      let isGone = false;
      client.once('end', () => { isGone = true; });
      await client.query("set idle_in_transaction_session_timeout = '100ms'");
      await client.query('begin');
      do await delay(100);
      while (!isGone);
      await client.query('commit').catch((error) => say('commit', error.message));
      client.release(true);
      await pool.end();`,
    notes: [/^1 connection was closed by the server \(25P03, idle_in_transaction_session_timeout\), while in use \(acquired at app\.mjs:\d+\)$/],
    outcomes: ['destroyed 25P03'],
    rules: ['await-in-transaction'],
  },
  {
    name: 'idle_in_transaction_session_timeout ends a program that does not listen for errors',
    files: { 'proxy.mjs': PROXY },
    program: `
      const proxy = await import('./proxy.mjs');
      const timed = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
      const client = await timed.connect();
      await client.query("set idle_in_transaction_session_timeout = '100ms'");
      // Not before it has gone on for a while, however late it goes on.
      proxy.holdBack();
      await client.query('begin');
      setTimeout(proxy.letGo, 700);
      await new Promise((resolve) => setTimeout(resolve, 600_000));`,
    notes: [/^1 connection was closed by the server \(25P03, .*while in use/],
    outcomes: ['open'],
    rules: ['await-in-transaction'],
    // What we wrap is on the stack that node prints.
    ignoresStderr: true,
  },
  {
    name: 'the network is cut',
    files: { 'proxy.mjs': PROXY },
    program: `
      const proxy = await import('./proxy.mjs');
      const cut = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
      cut.on('error', (error) => say('pool error', error.code));
      const client = await cut.connect();
      client.on('error', (error) => say('client error', error.code));
      await client.query('begin');
      proxy.stall();
      const stuck = client.query('select 1').catch((error) => say('query', error.code));
      await delay(300);
      proxy.reset();
      await stuck;
      client.release(true);
      proxy.mend();
      say((await cut.query('select 7 as n')).rows[0].n);
      await cut.end();
      proxy.close(); await pool.end();`,
    notes: [/^1 connection was broken off \(ECONNRESET\), while in use \(acquired at app\.mjs:\d+\)$/],
    outcomes: ['destroyed ECONNRESET'],
  },
  {
    name: 'the network is gone without a word',
    files: { 'proxy.mjs': PROXY },
    program: `
      const proxy = await import('./proxy.mjs');
      const cut = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
      cut.on('error', (error) => say('pool error', error.code));
      const client = await cut.connect();
      client.on('error', (error) => say('client error', error.code));
      await client.query('begin');
      proxy.stall();
      await client.query({ text: 'select 1 as unheard', query_timeout: 200 }).catch((error) => say('query', error.message));
      // Not for what is to be answered, however long that takes.
      cut.options.connectionTimeoutMillis = 400;
      await cut.connect().catch((error) => say('connect', error.message));
      cut.options.connectionTimeoutMillis = 0;
      client.release(true);
      proxy.mend();
      say((await cut.query('select 7 as n')).rows[0].n);
      await cut.end();
      proxy.close(); await pool.end();`,
    notes: [/^1 connection could not be opened/],
    outcomes: ['destroyed', 'timeout'],
    rules: ['pool-starvation'],
  },
  {
    name: 'a server that is not there',
    program: `
      const none = new pg.Pool({ host: '127.0.0.1', port: 1, max: 2 });
      for (let i = 0; i < 3; i++) await none.connect().catch((error) => say(error.code));
      await pool.query('select 1'); await pool.end();`,
    notes: [/^3 connections could not be opened \(ECONNREFUSED\)$/],
    outcomes: ['failed ECONNREFUSED', 'failed ECONNREFUSED', 'failed ECONNREFUSED'],
  },
];

for (const { name, notes, outcomes, rules = [], ...options } of FAULTS) {
  test.serial(name, async (t) => {
    const compared = await compare(t, database, options);
    const { report, timeline } = await reportOf(compared);
    t.is(report.notes.length, notes.length, report.notes.join('\n'));
    notes.forEach((pattern, index) => t.regex(report.notes[index] ?? '', pattern));
    t.deepEqual(timeline.checkouts.filter(({ via }) => via === 'connect').map(({ outcome, error }) => `${outcome ?? 'open'} ${error}`.trim()), outcomes);
    t.deepEqual([...new Set(report.findings.filter(({ severity }) => severity !== 'note').map(({ rule }) => rule))], rules);
    t.deepEqual(report.lost, { events: 0, probeErrors: 0, badLines: 0 });
    t.deepEqual(report.missing, []);
  });
}

test.serial('the server crashes and comes back', async (t) => {
  const servers = await Promise.all([startDatabase(), startDatabase()]);
  t.teardown(() => Promise.all(servers.map((server) => server.stop())));
  const urls = servers.map((server) => server.createDatabase('crash'));
  const compared = await compare(t, async () => await (urls.pop() ?? ''), {
    program: `
      const client = await pool.connect();
      client.on('error', (error) => say('client error', error.code ?? error.message));
      await client.query('begin');
      const victim = await pool.query('select pg_backend_pid() as pid');
      const gone = new Promise((resolve) => client.once('end', resolve));
      process.kill(victim.rows[0].pid, 'SIGKILL');
      await gone;
      client.release(true);
      ${RETURN}`,
  });
  const { report, timeline } = await reportOf(compared);
  // It says so in a notice only, to those that live: what a client sees is the end of its connection.
  t.regex(report.notes[0] ?? '', /^2 connections were broken off, 1 of them while in use \(acquired at app\.mjs:\d+\)$/);
  t.deepEqual(timeline.checkouts.filter(({ via }) => via === 'connect').map(({ outcome, error }) => `${outcome} ${error}`), ['destroyed Error']);
  t.false(report.findings.some(({ rule }) => rule === 'connection-leak'));
});
