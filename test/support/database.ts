/** A real PostgreSQL for a test file: one server, started before its tests, and a fresh database for whoever asks. */
import type { ExecutionContext, TestFn } from 'ava';
import { Client } from 'pg';
import { startDatabase, type Database, type StartOptions } from '../../scenarios/database/database.js';

const TEMPLATE = 'lifeguard_template';

export interface TestServer {
  /** URL of a database of the test's own, made from the file's schema. It goes with the server. */
  database: () => Promise<string>;
  /** The server itself, its settings included. */
  server: () => Database;
}

/**
 * To be called once, on top of a test file: `const { database } = useDatabase(test, { schema: 'create table …' })`,
 * then `const url = await database()` in its tests.
 */
export function useDatabase(test: TestFn, options: StartOptions & { schema?: string } = {}): TestServer {
  const { schema, ...start } = options;
  let started: Database | undefined;
  let count = 0;
  // Cloned one at a time, as nobody may use a template meanwhile.
  let last: Promise<unknown> = Promise.resolve();
  const server = (): Database => {
    if (started === undefined) throw new Error('the database starts with the first test, not before');
    return started;
  };
  test.before('start PostgreSQL', async () => {
    started = await startDatabase(start);
    const url = await started.createDatabase(TEMPLATE);
    if (schema !== undefined) await querySql(url, schema);
  });
  test.after.always('stop PostgreSQL', () => started?.stop());
  return {
    server,
    database: () => {
      const made = last.then(() => server().createDatabase(`test_${++count}`, TEMPLATE));
      last = made.catch(() => {});
      return made;
    },
  };
}

/** Runs SQL (several statements are allowed) on a connection of its own; the rows of the last statement that has any. */
export async function querySql<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const result: unknown = await client.query(sql);
    const results = (Array.isArray(result) ? result : [result]) as { rows: Row[] }[];
    return results.findLast(({ rows }) => rows.length > 0)?.rows ?? [];
  } finally {
    await client.end();
  }
}

/** A client without a pool, ended with its test. */
export async function connectClient(t: ExecutionContext, url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // Its server may stop before it.
  client.on('error', () => {});
  await client.connect();
  t.teardown(() => client.end());
  return client;
}
