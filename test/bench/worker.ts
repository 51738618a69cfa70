/** A measured program: runs rounds of operations when its parent says so, and answers what they cost. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool as PgPool } from 'pg';
import { isRival, type Contestant, type Workload } from './contestants.js';

export interface Order {
  contestant: Contestant;
  workload: Workload;
  operations: number;
}

export interface RoundResult {
  /** User and system time of the whole process, all its threads. */
  cpuMicros: number;
  /** What of it was on the thread that runs the program; null where the system does not say. */
  mainThreadMicros: number | null;
  residentBytes: number;
  /** Exported spans by kind; empty without OpenTelemetry. */
  spans: Record<string, number>;
}

const CONCURRENCY = 4;
/** What was left to other threads and timers is paid within this time: the probe's writer wakes up every 50 ms. */
const SETTLE_MS = 130;

// CommonJS, as that is where OpenTelemetry finds pg without further hooks; the same for all.
const require = createRequire(import.meta.url);
const { Pool } = require('pg') as { Pool: typeof PgPool };
const pool = new Pool({ connectionString: process.env['BENCH_DATABASE'], max: CONCURRENCY, idleTimeoutMillis: 0 });

async function runQuery(): Promise<void> {
  await pool.query('select 1');
}

async function runTransaction(): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('select 1');
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

const OPERATIONS: Record<Workload, () => Promise<void>> = { query: runQuery, transaction: runTransaction };

async function runRound({ contestant, workload, operations }: Order): Promise<RoundResult> {
  const opentelemetry = isRival(contestant) ? await import('./opentelemetry.js') : null;
  const runOperation = OPERATIONS[workload];
  const one = opentelemetry !== null && contestant === 'opentelemetry' ? () => opentelemetry.inRootSpan(runOperation) : runOperation;
  let left = operations;
  const work = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  const workers = (): Promise<void[]> => Promise.all(Array.from({ length: CONCURRENCY }, work));

  const mainBefore = readMainThreadMicros();
  const before = process.cpuUsage();
  await (opentelemetry !== null && contestant === 'pg-spans' ? opentelemetry.inRootSpan(workers) : workers());
  const spans = (await opentelemetry?.takeSpans()) ?? {};
  await sleep(SETTLE_MS);
  const { user, system } = process.cpuUsage(before);
  const mainAfter = readMainThreadMicros();
  return {
    cpuMicros: user + system,
    mainThreadMicros: mainBefore === null || mainAfter === null ? null : mainAfter - mainBefore,
    residentBytes: process.memoryUsage.rss(),
    spans,
  };
}

/** Linux counts a thread's time on a processor, in nanoseconds; its first thread has the number of the process. */
function readMainThreadMicros(): number | null {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
  } catch {
    return null;
  }
}

process.on('message', (order: Order | 'end') => {
  if (order === 'end') {
    void pool.end().then(() => process.disconnect());
    return;
  }
  runRound(order).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
// Whoever started us has gone, in whatever way.
process.on('disconnect', () => process.exit());
