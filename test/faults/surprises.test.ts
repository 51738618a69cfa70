/** The probe asks the network for nothing and writes nothing but traces; turned off, it is not even there. */
import test from 'ava';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withProbe } from '../../probes/preload.js';
import { useDatabase } from '../support/database.js';
import { ROOT, projectFolder, temporaryFolder } from '../support/folder.js';
import { readTraces, runProgram } from '../support/program.js';
import { PRELUDE, compare } from './support/compare.js';

const { database } = useDatabase(test);

const PROBE = join(ROOT, 'dist/probes');

/** Blocked and watched, with connections held, and all the rest of what the probe does. */
const WORK = `
  for (let round = 0; round < 20; round++) {
    const client = await pool.connect();
    await client.query('begin');
    await client.query('select 1');
    await delay(5);
    await client.query('commit');
    client.release();
  }
  const end = performance.now() + 700;
  while (performance.now() < end);
  await delay(100);
  await pool.end();
`;

test.serial('nothing is written but traces, and for their owner alone whatever the umask', async (t) => {
  for (const umask of [0o000, 0o022, 0o077]) {
    const home = temporaryFolder(t);
    const filesBefore = (): string[] => readdirSync(home, { recursive: true }).map(String).toSorted();
    for (const name of ['home', 'tmp']) mkdirSync(join(home, name));
    const before = filesBefore();
    const directory = join(projectFolder(t), 'above', 'traces');
    const compared = await compare(t, database, {
      program: WORK,
      files: { 'umask.cjs': `process.umask(${umask});` },
      nodeArgs: ['--require', './umask.cjs'],
      directory,
      env: { HOME: join(home, 'home'), TMPDIR: join(home, 'tmp'), XDG_CACHE_HOME: join(home, 'home') },
    });
    t.is(compared.bare.status, 0, compared.bare.stderr);
    t.deepEqual(filesBefore(), before);
    const inFolder = (folder: string): string[] => readdirSync(folder).toSorted();
    t.deepEqual(inFolder(compared.recorded.folder), inFolder(compared.bare.folder));
    t.is(compared.traces.length, 1);
    for (const folder of [join(directory, '..'), directory]) t.is(statSync(folder).mode & 0o777, 0o700, `${folder}, umask ${umask.toString(8)}`);
    for (const { file } of compared.traces) t.is(statSync(file).mode & 0o777, 0o600, `umask ${umask.toString(8)}`);
  }
});

test.serial('it asks the network for nothing', async (t) => {
  const program = `
    import { writeSync as write } from 'node:fs';
    ${WORK}
    write(1, globalThis.asked.sort().join() + '\\n');`;
  // Before the probe, so that it would take these.
  const watch = `
    const asked = (globalThis.asked = []);
    const watched = (owner, name) => {
      const original = owner[name];
      owner[name] = function () { asked.push(name); return Reflect.apply(original, this, arguments); };
    };
    watched(require('node:net').Socket.prototype, 'connect');
    watched(require('node:net').Server.prototype, 'listen');
    watched(require('node:dns'), 'lookup');
    watched(require('node:dgram'), 'createSocket');
    watched(require('node:inspector'), 'open');
    watched(globalThis, 'fetch');`;
  const { bare } = await compare(t, database, { program, files: { 'watch.cjs': watch }, nodeArgs: ['--require', './watch.cjs'] });
  t.is(bare.stdout, 'connect\n', bare.stderr);
  // Its writer thread has modules of its own: nothing in it could.
  const sources = readdirSync(PROBE, { recursive: true }).map(String).filter((name) => name.endsWith('.js'));
  t.true(sources.length > 30);
  for (const name of sources) t.notRegex(readFileSync(join(PROBE, name), 'utf8'), /(?:from|import|require|getBuiltinModule)[ (?.]*['"](?:node:)?(?:net|tls|https?|http2|dgram|dns|child_process|cluster|undici)['"/]/, name);
});

test.serial('turned off, it reads no more of itself than the question whether it is, and starts nothing', async (t) => {
  const folder = temporaryFolder(t);
  // What is left of a package that was taken away.
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  copyFileSync(join(PROBE, 'register.js'), join(folder, 'register.js'));
  const NODE_OPTIONS = `--import=${pathToFileURL(join(folder, 'register.js')).href}`;
  const program = `${PRELUDE} ${WORK}
    import { existsSync, readdirSync } from 'node:fs';
    import { Worker } from 'node:worker_threads';
    say('handles', process.getActiveResourcesInfo().join());
    say('threads', existsSync('/proc/self/task') ? readdirSync('/proc/self/task').length : 'unknown');
    say('exit listeners', process.listenerCount('exit'));
    const worker = new Worker('', { eval: true });
    worker.on('online', () => say('thread', worker.threadId));`;
  const directory = join(folder, 'traces');
  const run = async (env: NodeJS.ProcessEnv): Promise<[status: number | null, stdout: string, stderr: string]> => {
    const { status, stdout, stderr } = await runProgram(t, { files: { 'app.mjs': program }, env: { ...env, DATABASE_URL: await database() } });
    return [status, stdout, stderr];
  };
  const bare = await run({});
  t.is(bare[0], 0, bare[2]);
  t.deepEqual(await run({ LIFEGUARD: 'off', NODE_OPTIONS, LIFEGUARD_DIR: directory }), bare);
  t.deepEqual(await run({ ...withProbe({}, directory), LIFEGUARD: 'off' }), bare);
  t.false(existsSync(directory));
  // The twins: what is not turned off needs the rest of itself, and records.
  const [status, , stderr] = await run({ NODE_OPTIONS });
  t.deepEqual([status, /Cannot find module .*session\.js/.test(stderr)], [1, true]);
  const recorded = await run(withProbe({}, directory));
  t.is(recorded[0], 0);
  t.notDeepEqual(recorded, bare);
  t.is(readTraces(directory).length, 1);
});

test.serial('the requests of pools look the same to the program and to V8, each like the others', async (t) => {
  // What gave each of them a hidden class of its own cost microseconds, and garbage that only a full collection finds.
  const program = `
    import knexModule from 'knex';
    const url = process.env.DATABASE_URL;
    // Knex's pool has set a flag on each, which stands on the prototype here.
    const keys = (request) => Object.keys(request).filter((key) => key !== 'isRejected').join();
    const looks = (requests) => say(requests.length, keys(requests[1]), requests[1].isRejected, %HaveSameMap(requests[1], requests[2]), %HasFastProperties(requests[2]));
    const small = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 20_000 });
    const held = await small.connect();
    const waiting = [1, 2, 3, 4].map(() => small.query('select 1'));
    looks(small._pendingQueue);
    held.release();
    await Promise.all(waiting);
    await small.end();
    const knex = knexModule({ client: 'pg', connection: url, pool: { min: 0, max: 1 } });
    await knex.raw('select 1');
    const one = await knex.client.acquireConnection();
    const requests = [1, 2, 3, 4].map(() => knex.raw('select 1').then(() => 0));
    await delay(20);
    looks(knex.client.pool.pendingAcquires);
    await knex.client.releaseConnection(one);
    await Promise.all(requests);
    await knex.destroy();
    await pool.end();`;
  const { bare } = await compare(t, database, { program, nodeArgs: ['--allow-natives-syntax'] });
  t.is(bare.stdout, '4 callback  true true\n4 timeoutMillis,deferred,possibleTimeoutCause,promise false true true\n', bare.stderr);
});
