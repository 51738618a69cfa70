/** One PostgreSQL server in a folder of its own: made, started, ended, removed. Used by the supervisor only. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Account } from './account.js';
import { prepareBinaries, program } from './binaries.js';
import { DatabaseError } from './error.js';

export const FOLDER_PREFIX = 'lifeguard-postgres-';
export const USER = 'postgres';

export interface Cluster {
  port: number;
  password: string;
  postgres: ChildProcess;
}

/** What the server is told. Nothing in it is to survive, so it need not wait for the disk. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_connections: '100',
  shared_buffers: '32MB',
  log_statement: 'none',
} as const;

const PORT_ATTEMPTS = 10;
const SHUTDOWN_MS = 10_000;

/**
 * A folder that only `account` may enter, below the system's temporary folder, or below /tmp or /var/tmp where that
 * account cannot get to the former.
 */
export function makeFolder(account: Account): string {
  const problems: string[] = [];
  for (const parent of new Set([tmpdir(), ...(process.platform === 'win32' ? [] : ['/tmp', '/var/tmp'])])) {
    let folder: string | null = null;
    try {
      folder = mkdtempSync(join(parent, FOLDER_PREFIX));
      enterAs(folder, account);
      return folder;
    } catch (error) {
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
      problems.push(`${parent}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new DatabaseError(`no folder for the database: ${problems.join('; ')}`);
}

/** Hands `folder` to `account` and throws if that account cannot get there: a folder above it may be closed. */
function enterAs(folder: string, { uid, gid }: Account): void {
  if (uid === undefined || gid === undefined) return;
  chownSync(folder, uid, gid);
  // Asked of the system itself, as there is more than mode bits. Root's further groups would open doors to us only.
  process.setgroups?.([]);
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    readdirSync(folder);
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/**
 * Makes a cluster in `folder` and starts its server on a free port of 127.0.0.1, without a Unix socket.
 * A loopback port is open to every user of the machine, and PostgreSQL's superuser can run programs: hence a password.
 * One hashing round is enough for a random one, and logins then cost next to nothing.
 * @throws DatabaseError with what initdb or the server said last.
 */
export async function startCluster(
  folder: string, installed: string, account: Account, settings: Record<string, string>, choosePort = freePort,
): Promise<Cluster> {
  const binaries = prepareBinaries(installed, folder, account);
  const data = join(folder, 'data');
  const password = randomBytes(18).toString('base64url');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) chownSync(passwordFile, account.uid, account.gid);
  await run(program(binaries, 'initdb'), folder, account, [
    '--pgdata', data, '--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256', '--set', 'scram_iterations=1',
    '--encoding', 'UTF8', '--no-locale', '--no-sync', '--no-instructions',
  ]);
  rmSync(passwordFile);
  // What initdb makes must be the account's alone, whatever our umask; the server checks it.
  if (process.platform !== 'win32' && (statSync(data).mode & 0o077) !== 0) chmodSync(data, 0o700);

  for (let attempt = 1; ; attempt++) {
    const port = await choosePort();
    const started = await startServer(program(binaries, 'postgres'), folder, data, port, account, settings);
    if ('postgres' in started) return { port, password, postgres: started.postgres };
    if (!/Address already in use|could not bind/i.test(started.said) || attempt === PORT_ATTEMPTS) {
      throw new DatabaseError(`PostgreSQL did not start: ${lastWords(started.said)}`);
    }
  }
}

/** Ends the server (it cuts its sessions), by force if it does not heed. Resolves when it has gone. */
export async function stopCluster({ postgres }: Pick<Cluster, 'postgres'>): Promise<void> {
  if (postgres.exitCode !== null || postgres.signalCode !== null) return;
  const exit = once(postgres, 'exit');
  const force = setTimeout(() => postgres.kill('SIGKILL'), SHUTDOWN_MS);
  // SIGINT is PostgreSQL's fast shutdown. On Windows there are no signals: the process is ended.
  postgres.kill('SIGINT');
  await exit;
  clearTimeout(force);
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

async function startServer(
  command: string, cwd: string, data: string, port: number, account: Account, settings: Record<string, string>,
): Promise<{ postgres: ChildProcess } | { said: string }> {
  const all = { ...SETTINGS, ...(process.platform !== 'win32' && { unix_socket_directories: '' }), ...settings };
  const args = ['-D', data, '-p', String(port), ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const postgres = spawn(command, args, { ...account, cwd, env: serverEnv(), stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true });
  const said: string[] = [];
  return new Promise((resolve) => {
    postgres.once('error', (error) => resolve({ said: error.message }));
    postgres.once('close', () => resolve({ said: said.join('\n') }));
    // The log is read to the end, as a full pipe would stop the server.
    createInterface({ input: postgres.stderr }).on('line', (line) => {
      if (line.includes('database system is ready to accept connections')) resolve({ postgres });
      said.push(line);
      if (said.length > 50) said.shift();
    });
  });
}

async function run(command: string, cwd: string, account: Account, args: string[]): Promise<void> {
  const child = spawn(command, args, { ...account, cwd, env: serverEnv(), stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  let said = '';
  child.stdout.resume();
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const status = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'no status'));
  });
  if (status === 0) return;
  const words = lastWords(said) || String(status);
  const hint = words.includes('could not look up effective user ID')
    ? '; initdb works only for a user that the system has an account for. Run as another user, or use a server of your own with --database URL'
    : '';
  throw new DatabaseError(`no database could be made: ${words}${hint}`);
}

/** Ours without what would change the server's defaults; messages in English, as they are read here. */
function serverEnv(): NodeJS.ProcessEnv {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name)));
  return { ...env, LC_ALL: 'C' };
}

/** The last line that says what is wrong, without its time and process id. */
function lastWords(said: string): string {
  const lines = said.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const telling = lines.filter((line) => /FATAL|PANIC|ERROR|error:|could not/.test(line) && !/HINT|hint:/.test(line));
  return (telling.at(0) ?? lines.at(-1) ?? '').replace(/^.*?(FATAL|PANIC|ERROR):\s*/, '');
}

/** Free now: another process may take it before the server does. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new DatabaseError('the system gave no free port');
  return address.port;
}
