/** A database to work with: an embedded PostgreSQL that goes when we go, or a server that somebody named. */
import { Client } from 'pg';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findBinaries } from './binaries.js';
import { DatabaseError } from './error.js';
import type { SupervisorAnswer, SupervisorOptions } from './supervisor.js';

export { DatabaseError } from './error.js';

export interface Database {
  /** postgres://…, with its password: not to be printed. */
  readonly url: string;
  /** host:port/name, to be printed. */
  readonly label: string;
  readonly embedded: boolean;
  /**
   * Makes a database on the same server and returns its URL. It goes with `stop`.
   * @param template the name of a database to clone; nobody may be connected to it.
   */
  createDatabase(name: string, template?: string): Promise<string>;
  /** Ends the embedded server and removes its folder; on another server drops what `createDatabase` made. May be called twice. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Server settings, such as `{ max_connections: '20' }`. */
  settings?: Record<string, string>;
  /** A folder with PostgreSQL's bin, lib and share, instead of that of the npm package. */
  binaries?: string;
}

/**
 * Starts a PostgreSQL server of our own on a free port of 127.0.0.1, in a new temporary folder. As root the server runs
 * under another account. It is ended and removed with `stop`, or when this process has ended in whatever way.
 * @throws DatabaseError
 */
export async function startDatabase(options: StartOptions = {}): Promise<Database> {
  const { answer, child } = await startSupervisor({ binaries: options.binaries ?? findBinaries(), settings: options.settings ?? {} });
  const url = `postgres://postgres:${answer.password}@127.0.0.1:${answer.port}/postgres`;
  let stopped: Promise<void> | null = null;
  return {
    url,
    label: labelOf(url),
    embedded: true,
    createDatabase: (name, template) => createDatabase(url, name, template),
    stop: () => (stopped ??= stopSupervisor(child)),
  };
}

/**
 * The server at `url`, or an embedded one when none is given.
 * @throws DatabaseError with host and port when nothing answers there, or the login is refused.
 */
export async function openDatabase(options: StartOptions & { url?: string | undefined } = {}): Promise<Database> {
  const { url, ...rest } = options;
  if (url === undefined || url === '') return startDatabase(rest);
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    // Not repeated here: there may be a password in it.
    throw new DatabaseError('the URL of the database cannot be read, expected postgres://user:password@host:port/name');
  }
  await withClient(url, (client) => client.query('select 1'));
  const made: string[] = [];
  let stopped: Promise<void> | null = null;
  return {
    url,
    label: labelOf(url),
    embedded: false,
    async createDatabase(name, template) {
      const created = await createDatabase(url, name, template);
      made.push(name);
      return created;
    },
    stop: () => (stopped ??= withClient(url, async (client) => {
      for (const name of made) await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
    })),
  };
}

async function createDatabase(url: string, name: string, template?: string): Promise<string> {
  await withClient(url, (client) => {
    const clone = template === undefined ? '' : ` template ${client.escapeIdentifier(template)}`;
    return client.query(`create database ${client.escapeIdentifier(name)}${clone}`);
  });
  const created = new URL(url);
  // pg reads it with decodeURI, which leaves escaped separators as they are.
  created.pathname = `/${encodeURI(name)}`;
  return created.href;
}

const CONNECT_TIMEOUT_MS = 5000;

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<void> {
  let client: Client;
  try {
    client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
    // Lost connections show in the query that is under way.
    client.on('error', () => {});
    await client.connect();
  } catch (error) {
    throw new DatabaseError(`no database at ${labelOf(url)}: ${reason(error)}`);
  }
  try {
    await work(client);
  } catch (error) {
    throw new DatabaseError(`the database at ${labelOf(url)} refused: ${reason(error)}`);
  } finally {
    await client.end();
  }
}

/** host:port/name of a database URL: never its user or password. */
function labelOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname || 'localhost'}:${port || '5432'}${pathname}`;
}

/** A name with several addresses fails with an AggregateError, whose message is empty. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed';
  return error.message || ('code' in error ? String(error.code) : 'it failed');
}

async function startSupervisor(options: SupervisorOptions): Promise<{ child: ChildProcess; answer: Extract<SupervisorAnswer, { port: number }> }> {
  // The host program's preloads are not for this process.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, [fileURLToPath(new URL('./supervisor.js', import.meta.url)), JSON.stringify(options)], {
    // A group of its own: Ctrl-C is for us, and we tell it.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    windowsHide: true,
    env,
  });
  let line = '';
  for await (line of createInterface({ input: child.stdout })) break;
  const answer: SupervisorAnswer = line === '' ? { error: 'the process that starts PostgreSQL ended early' } : JSON.parse(line);
  if ('error' in answer) {
    await stopSupervisor(child);
    throw new DatabaseError(answer.error);
  }
  // A program that forgets to stop must still be able to end.
  child.unref();
  for (const stream of [child.stdin, child.stdout]) unref(stream);
  return { child, answer };
}

async function stopSupervisor(child: ChildProcess): Promise<void> {
  const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
  child.ref();
  child.stdin?.end();
  await exit;
}

/** Child streams are sockets, which can be unreferenced; their type does not say so. */
function unref(stream: object | null): void {
  if (stream !== null && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
}
