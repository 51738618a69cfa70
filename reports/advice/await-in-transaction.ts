import type { WaitKind } from '../../probes/trace/events.js';

const REASON = 'Until the transaction ends, its connection serves nobody else, and its locks and its snapshot stay.';

/** How to get the wait out of the transaction; `what` as in the title ("GET api.example.com/rates"). */
export function adviseAwait(kind: WaitKind, what: string, foreign: boolean): string {
  if (foreign) {
    return `${REASON} Await that promise before BEGIN and use its result, or end the transaction first. If it is shared (a cache, a loader, a queue), the transaction waits for whatever else it does.`;
  }
  return `${REASON} ${WAYS[kind](what)}`;
}

const WAYS: Record<WaitKind, (what: string) => string> = {
  timer: (what) => `Move ${what} out of the transaction: wait before BEGIN or after COMMIT. To retry or to throttle, end the transaction, wait, and begin a new one.`,
  http: (what) => `Move ${what} out of the transaction: ask before BEGIN and keep the answer, or commit first and call afterwards (an outbox row makes that safe when the process may die in between).`,
  dns: (what) => `Move ${what} and the request that needs it out of the transaction, before BEGIN or after COMMIT.`,
  socket: (what) => `Move the exchange over ${what} out of the transaction: before BEGIN, or after COMMIT.`,
  file: (what) => `Read or write ${what} before BEGIN or after COMMIT.`,
  'child-process': () => 'Run the child process before BEGIN or after COMMIT; it may take as long as it likes there.',
  worker: () => "Let the worker compute before BEGIN, and write its result in a short transaction.",
  crypto: (what) => `Do ${what} before BEGIN: hashing a password takes longer than most transactions should.`,
  zlib: () => 'Compress or expand before BEGIN or after COMMIT.',
  stream: () => 'Read the stream to its end before BEGIN, or write in batches, each in a transaction of its own.',
  checkout: () => 'Use the connection that is already held for the second piece of work too, or ask for both before BEGIN. When all holders wait for a second connection, none ever gets one.',
  query: () => 'Send that statement over the connection of the transaction, or before BEGIN: two connections that wait for each other are a deadlock that PostgreSQL cannot see.',
  signal: () => 'Wait for the signal before BEGIN, or after COMMIT.',
  promise: () => 'Await that promise before BEGIN, or after COMMIT, and keep only statements in between.',
  unknown: () => 'Keep only statements between BEGIN and COMMIT, and move the rest before or after.',
};
