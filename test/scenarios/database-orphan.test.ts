/** The server goes with the program that started it, however that ends. */
import test from 'ava';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, temporaryFolder } from '../support/folder.js';
import { eventually, isRunning } from '../support/eventually.js';
import { runProgram } from '../support/program.js';

const LAUNCHER = pathToFileURL(join(ROOT, 'dist/scenarios/database/database.js')).href;

/** Starts a database, prints its process and folder as JSON, and goes on with `end`. */
const program = (end: string): string => `
  import { readFileSync } from 'node:fs';
  import { dirname, join } from 'node:path';
  import { Client } from 'pg';
  import { startDatabase } from '${LAUNCHER}';
  const database = await startDatabase();
  const client = new Client(database.url);
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query('show data_directory');
  await client.end();
  const data = rows[0].data_directory;
  console.log(JSON.stringify({ pid: Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\\n')[0]), folder: dirname(data) }));
  ${end}`;

const FOR_EVER = 'setInterval(() => {}, 1000);';

const ENDINGS: { how: string; end: string; signal?: NodeJS.Signals; status: number | null }[] = [
  { how: 'by itself, without a stop', end: '', status: 0 },
  { how: 'by process.exit', end: 'process.exit(3);', status: 3 },
  { how: 'by an exception', end: 'throw new Error("broken");', status: 1 },
  ...(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const).map((signal) => ({ how: `by ${signal}`, end: FOR_EVER, signal, status: null })),
];

for (const { how, end, signal, status } of ENDINGS) {
  test(`a program that ends ${how} takes its server along`, async (t) => {
    const result = await runProgram(t, {
      files: { 'app.mjs': program(end) },
      onLine: (line, child) => {
        if (signal !== undefined && line.startsWith('{')) child.kill(signal);
      },
    });
    t.is(result.status, status);
    t.is(result.signal, signal ?? null);
    const { pid, folder } = JSON.parse(result.stdout) as { pid: number; folder: string };
    t.true(pid > 1);
    t.true(folder.includes('lifeguard-postgres-'));
    await eventually('the server goes', () => !isRunning(pid));
    await eventually('the folder goes', () => !existsSync(folder));
    t.pass();
  });
}

test('a program that is killed while its server is being made leaves nothing either', async (t) => {
  const temporary = temporaryFolder(t);
  // As root the server runs as somebody else, who must get there.
  chmodSync(temporary, 0o755);
  const { signal } = await runProgram(t, {
    files: {
      'app.mjs': `
        import { readdirSync } from 'node:fs';
        import { startDatabase } from '${LAUNCHER}';
        const killIfBegun = () => readdirSync('${temporary}').length > 0 && process.kill(process.pid, 'SIGKILL');
        setInterval(killIfBegun, 1);
        await startDatabase();
        // A machine with too much to do may have let no timer come before; what is to go is the same.
        killIfBegun();
        throw new Error('the server started without its folder');`,
    },
    env: { TMPDIR: temporary },
  });
  t.is(signal, 'SIGKILL');
  await eventually('the folder goes', () => readdirSync(temporary).length === 0);
});

test('where the temporary folder is closed to the server, another is taken', async (t) => {
  const closed = temporaryFolder(t);
  chmodSync(closed, 0o700);
  const { stdout, stderr } = await runProgram(t, { files: { 'app.mjs': program('await database.stop();') }, env: { TMPDIR: closed } });
  t.is(stderr, '');
  const { pid, folder } = JSON.parse(stdout) as { pid: number; folder: string };
  // Only root runs its server as somebody else.
  t.is(dirname(folder) === closed, process.geteuid?.() !== 0);
  t.false(isRunning(pid));
  t.deepEqual(readdirSync(closed), []);
  t.false(existsSync(folder));
});
