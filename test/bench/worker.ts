/** A measured program: runs rounds of operations when its parent says so, and answers what they cost. Its argument is the library. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRival, type Contestant, type Library, type Workload } from './contestants.js';
import { CONCURRENCY, openOperations } from './operations.js';

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

/** What was left to other threads and timers is paid within this time: the probe's writer wakes up every 50 ms. */
const SETTLE_MS = 130;

const { run, end } = openOperations(process.argv[2] as Library, process.env['BENCH_DATABASE'] ?? '');

async function runRound({ contestant, workload, operations }: Order): Promise<RoundResult> {
  const opentelemetry = isRival(contestant) ? await import('./opentelemetry.js') : null;
  const runOperation = run.get(workload);
  if (runOperation === undefined) throw new Error(`${workload} is no workload of ${process.argv[2]}`);
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
    void end().then(() => process.disconnect());
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
