import { sayMs, sayShare } from '../words.js';

const WAYS = {
  sql: 'in SQL: look at its slowest statement with EXPLAIN (ANALYZE, BUFFERS), or split the work into batches, each in a transaction of its own',
  await: 'waiting for something else than the database: move that before BEGIN or after COMMIT',
  blocked: 'while the event loop was blocked: do that work elsewhere (a worker thread), or before BEGIN',
  idle: 'doing nothing with its connection: send its statements one right after the other, and compute before BEGIN or after COMMIT',
} as const;

/** `main`: what most of its time went to. */
export function adviseLong(main: keyof typeof WAYS, share: number, limitMs: number): string {
  return `A transaction this long (the limit is ${sayMs(limitMs)}) keeps its locks, and keeps vacuum from removing dead rows everywhere. It spends ${sayShare(share)} of its time ${WAYS[main]}.`;
}
