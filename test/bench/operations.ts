/** What the measured programs do. */
import { createRequire } from 'node:module';
import type Knex from 'knex';
import type { Pool as PgPool } from 'pg';
import type { Library, Workload } from './contestants.js';

export interface Operations {
  /** The workloads of the library. */
  run: ReadonlyMap<Workload, () => Promise<unknown>>;
  /** Closes the connections. */
  end: () => Promise<void>;
}

export const CONCURRENCY = 4;

// CommonJS, as that is where OpenTelemetry finds pg without further hooks; the same for all.
const require = createRequire(import.meta.url);

/** Opens a pool of `library`; no other library is loaded. */
export function openOperations(library: Library, url: string): Operations {
  return library === 'pg' ? usePool(url) : useKnex(url);
}

function usePool(url: string): Operations {
  const { Pool } = require('pg') as { Pool: typeof PgPool };
  const pool = new Pool({ connectionString: url, max: CONCURRENCY, idleTimeoutMillis: 0 });
  const runTransaction = async (): Promise<void> => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('select 1');
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  };
  return {
    run: new Map<Workload, () => Promise<unknown>>([['query', async () => { await pool.query('select 1'); }], ['transaction', runTransaction]]),
    end: () => pool.end(),
  };
}

function useKnex(url: string): Operations {
  const makeKnex = require('knex') as typeof Knex;
  const knex = makeKnex({ client: 'pg', connection: url, pool: { min: CONCURRENCY, max: CONCURRENCY } });
  return {
    run: new Map<Workload, () => Promise<unknown>>([
      ['knex-query', async () => { await knex.raw('select 1'); }],
      ['knex-transaction', async () => { await knex.transaction(async (transaction) => { await transaction.raw('select 1'); }); }],
    ]),
    end: () => knex.destroy(),
  };
}
