/** Programs that come to their end in all the ways there are. */
import test from 'ava';
import { useDatabase } from '../support/database.js';
import { PRELUDE, compare, reportOf, type CompareOptions } from './support/compare.js';

const { database } = useDatabase(test);

interface Ending extends CompareOptions {
  name: string;
  status: number | null;
  signal?: NodeJS.Signals;
  /** The exit code in the trace, or those that it may be; null: it has no end. */
  end: number | null | readonly number[];
}

/** A connection in a transaction, with a statement that runs and one that is done, when the end comes. */
const BUSY = `
  const client = await pool.connect();
  await client.query('begin');
  const running = client.query('select pg_sleep(30)').catch((error) => say('failed', error.message));
  await pool.query('select 1');
  say('ready');
`;
/** What was seen has to be on the disk when nobody says farewell. */
const SEEN = `
  const { existsSync, readdirSync, readFileSync } = await import('node:fs');
  const { threadId } = await import('node:worker_threads');
  const directory = process.env.LIFEGUARD_DIR;
  const isSeen = () => {
    const own = existsSync(directory) ? readdirSync(directory).filter((name) => name.includes('-' + process.pid + (threadId === 0 ? '-' : '.' + threadId + '-'))) : [];
    const text = own.map((name) => readFileSync(directory + '/' + name, 'utf8')).join('');
    const [, sleeping] = /"id":(\\d+),"text":"select pg_sleep/.exec(text) ?? [];
    return text.includes('"outcome":"released"') && text.includes('"running":[' + sleeping + ',');
  };
  while (directory !== undefined && !isSeen()) await delay(20);
`;

const ENDINGS: Ending[] = [
  { name: 'process.exit in the middle of a query', program: `${BUSY} process.exit(3);`, status: 3, end: 3 },
  { name: 'process.exit in an exit handler', program: `${BUSY} process.on('exit', () => process.exit(4)); process.exit(3);`, status: 4, end: 3 },
  { name: 'process.exitCode', program: "process.exitCode = 5; await pool.query('select 1'); await pool.end(); say('over');", status: 5, end: 5 },
  { name: 'an uncaught exception', program: `${BUSY} setImmediate(() => { throw new Error('lost'); });`, status: 1, end: 1 },
  { name: 'an unhandled rejection', program: `${BUSY} Promise.reject(new Error('lost')); await delay(1000);`, status: 1, end: 1 },
  {
    name: 'an uncaught exception that is handled',
    program: `process.on('uncaughtException', (error) => { say('caught', error.message); process.exit(6); }); ${BUSY} setImmediate(() => { throw new Error('lost'); });`,
    status: 6,
    end: 6,
  },
  { name: 'an error that nobody listens for', program: `${BUSY} client.emit('error', new Error('lost'));`, status: 1, end: 1 },
  { name: 'an await at the top that never ends', program: "await pool.query('select 1'); await pool.end(); await new Promise(() => {});", status: 13, end: [0, 13] }, // node decides on 13 after its exit event, or (26) before
  { name: 'SIGTERM', program: `${BUSY} ${SEEN} process.kill(process.pid, 'SIGTERM'); await delay(5000);`, status: null, signal: 'SIGTERM', end: null },
  {
    name: 'SIGTERM with a handler of the program',
    program: `process.once('SIGTERM', () => { say('farewell'); process.exit(7); }); ${BUSY} process.kill(process.pid, 'SIGTERM'); await delay(5000);`,
    status: 7,
    end: 7,
  },
  { name: 'SIGINT', program: `${BUSY} ${SEEN} process.kill(process.pid, 'SIGINT'); await delay(5000);`, status: null, signal: 'SIGINT', end: null },
  { name: 'SIGKILL', program: `${BUSY} ${SEEN} process.kill(process.pid, 'SIGKILL');`, status: null, signal: 'SIGKILL', end: null },
  { name: 'process.abort', program: `${BUSY} ${SEEN} process.abort();`, status: null, signal: 'SIGABRT', end: null, ignoresStderr: true },
  {
    name: 'no memory left',
    nodeArgs: ['--max-old-space-size=40'],
    program: `${BUSY} ${SEEN} const all = []; for (;;) all.push(new Array(10000).fill('x').map((x, i) => x + i));`,
    status: null,
    signal: 'SIGABRT',
    end: null,
    ignoresStderr: true,
  },
];

for (const { name, status, signal = null, end, ...options } of ENDINGS) {
  test.serial(name, async (t) => {
    const compared = await compare(t, database, options);
    t.deepEqual([compared.bare.status, compared.bare.signal], [status, signal], compared.bare.stderr);
    const { report, timeline } = await reportOf(compared);
    t.is(timeline.recordings.length, 1);
    const [process] = report.run.processes;
    t.is(process?.complete, end !== null);
    t.true([end].flat().includes(process?.exitCode ?? null), `exit code ${process?.exitCode}`);
    t.deepEqual(report.missing, []);
    t.deepEqual(report.notes.map((note) => note.replace(/killed .* after/, 'killed … after').replace(/process \d+/, 'process …')), end === null ? ['the trace of app.mjs (process …) has no end: killed … after its start, or still running'] : []);
    t.deepEqual(report.lost, { events: 0, probeErrors: 0, badLines: 0 });
    // All that had happened is there.
    const statements = timeline.checkouts.flatMap(({ queries }) => queries.map(({ statement }) => statement.text));
    t.true(statements.includes('select ?'), statements.join('; '));
    if (!options.program.startsWith(BUSY)) return;
    t.true(['begin', 'select pg_sleep(?)'].every((text) => statements.includes(text)), statements.join('; '));
    // It was in the middle of its work.
    t.deepEqual(report.findings.filter(({ rule }) => rule === 'connection-leak'), []);
  });
}

/** Says that it is at work, and then nothing more. */
const AT_WORK = `
  import { parentPort } from 'node:worker_threads';
  const [client] = await Promise.all([pool.connect(), pool.query('select 1')]);
  await client.query('begin');
  void client.query('select pg_sleep(30)').catch(() => {});
  const tell = (word) => (parentPort ? parentPort.postMessage(word) : process.send(word));
`;

test.serial('threads and children that end in the middle of a query', async (t) => {
  const files = {
    'exits.mjs': `${PRELUDE}${AT_WORK} tell('at work'); process.exit(8);`,
    'throws.mjs': `${PRELUDE}${AT_WORK} throw new Error('lost');`,
    'stays.mjs': `${PRELUDE}${AT_WORK} ${SEEN} tell('at work');`,
  };
  const program = `
    import { fork } from 'node:child_process';
    import cluster from 'node:cluster';
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    const file = (name) => new URL(name, import.meta.url);
    const ended = (name, emitter) => new Promise((resolve) => emitter.once('exit', (...how) => resolve(say(name, ...how))));

    await ended('a thread exits', new Worker(file('exits.mjs')));
    const throwing = new Worker(file('throws.mjs'));
    throwing.on('error', (error) => say(error.message));
    await ended('a thread throws', throwing);
    const staying = new Worker(file('stays.mjs'));
    await once(staying, 'message');
    say('a thread is ended', await staying.terminate());
    await ended('a child exits', fork(file('exits.mjs')));
    const killed = fork(file('stays.mjs'));
    await once(killed, 'message');
    killed.kill('SIGKILL');
    await ended('a child is killed', killed);
    cluster.setupPrimary({ exec: file('stays.mjs').pathname });
    const member = cluster.fork();
    await once(member, 'message');
    member.process.kill('SIGTERM');
    await ended('a member of a cluster is ended', member);
    await pool.query('select 1 as last');
    await pool.end();`;
  const compared = await compare(t, database, { program, files });
  t.is(compared.bare.status, 0, compared.bare.stderr);
  const { report, timeline } = await reportOf(compared);
  // By the end of each: those that were ended from outside have none.
  const ends = report.run.processes.map(({ script, thread, complete, exitCode }) => `${thread > 0 ? 'thread' : 'process'} ${script.replace(/^.*[\\/]/, '')} ${complete ? exitCode : 'no end'}`);
  t.deepEqual(ends, ['process app.mjs 0', 'thread exits.mjs 8', 'thread throws.mjs 1', 'thread stays.mjs no end', 'process exits.mjs 8', 'process stays.mjs no end', 'process stays.mjs no end']);
  t.deepEqual(report.notes.map((note) => note.replace(/process [\d.]+/, 'process …').replace(/killed .* after/, 'killed … after')), Array(3).fill('the trace of stays.mjs (process …) has no end: killed … after its start, or still running'));
  t.deepEqual([report.missing, report.lost], [[], { events: 0, probeErrors: 0, badLines: 0 }]);
  // All that was begun is there, and none of it is taken for a leak.
  t.is(timeline.checkouts.filter(({ queries }) => queries.at(-1)?.statement.text === 'select pg_sleep(?)').length, 6);
  t.false(report.findings.some(({ rule }) => rule === 'connection-leak'));
});
