/** What the measured programs do. */
import { createRequire } from 'node:module';
import type Knex from 'knex';
import type { Pool as PgPool, PoolConfig } from 'pg';
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
  return { pg: usePool, knex: useKnex, 'pg-service': usePoolsOfAService }[library](url);
}

function usePool(url: string): Operations {
  const pool = openPool(url, { idleTimeoutMillis: 0 });
  return {
    run: new Map<Workload, () => Promise<unknown>>([['query', async () => { await pool.query('select 1'); }], ['transaction', () => runTransaction(pool)]]),
    end: () => pool.end(),
  };
}

function usePoolsOfAService(url: string): Operations {
  const pool = openPool(url, { idleTimeoutMillis: 0 });
  // Each request and each release sets a timer. None of them fires: the idle one outlasts the turns of all others.
  const poolWithTimeouts = openPool(url, { connectionTimeoutMillis: 10_000, idleTimeoutMillis: 3_600_000 });
  // What the probe does for a query depends on whether its process has had a transaction, as those of services have.
  void runTransaction(pool);
  let n = 0;
  return {
    run: new Map<Workload, () => Promise<unknown>>([
      ['parameter', async () => { await pool.query('select $1::int', [n++]); }],
      ['timeouts', async () => { await poolWithTimeouts.query('select 1'); }],
    ]),
    end: async () => { await Promise.all([pool.end(), poolWithTimeouts.end()]); },
  };
}

function openPool(url: string, timeouts: PoolConfig): PgPool {
  const { Pool } = require('pg') as { Pool: typeof PgPool };
  return new Pool({ connectionString: url, max: CONCURRENCY, ...timeouts });
}

async function runTransaction(pool: PgPool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('select 1');
    await client.query('COMMIT');
  } finally {
    client.release();
  }
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
