/** A program under full load until its parent ends it; says what it takes when it is asked. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CONCURRENCY, openOperations } from '../operations.js';

/** sample: what it takes now. collect: what is alive, after a full collection. */
export type Question = 'sample' | 'collect' | 'end';

export interface Answer {
  residentBytes: number;
  /** Of the program's own heap. */
  heapBytes: number;
  /** So far. */
  operations: number;
}

const { run, end } = openOperations('pg', process.env['BENCH_DATABASE'] ?? '');
// Only the name `gc`: nothing else changes.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const work = { operations: 0, isOver: false };

async function takeTurns(): Promise<void> {
  while (!work.isOver) {
    for (const runOperation of run.values()) {
      await runOperation();
      work.operations++;
    }
  }
}

const allWork = Promise.all(Array.from({ length: CONCURRENCY }, takeTurns));

async function answer(question: Question): Promise<void> {
  if (question === 'end') {
    work.isOver = true;
    await allWork;
    await end();
    process.disconnect();
    return;
  }
  if (question === 'collect') collect();
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ residentBytes: rss, heapBytes: heapUsed, operations: work.operations } satisfies Answer);
}

const fail = (error: unknown): void => {
  console.error(error);
  process.exit(1);
};
allWork.catch(fail);
process.on('message', (question: Question) => void answer(question).catch(fail));
// Whoever started us has gone, in whatever way.
process.on('disconnect', () => process.exit());
