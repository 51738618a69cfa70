import type { Limits } from '../limits.js';

/** What each threshold of the rules is, for those who set it. */
export const THRESHOLD_TEXTS: Record<keyof Limits, string> = {
  idleInTransactionMs: 'idle-in-transaction: a transaction that is idle for so long, again and again',
  idleOnceMs: 'idle-in-transaction: so long that once is enough',
  idleShare: 'idle-in-transaction: the share (0 to 1) of the gaps at one place that have to be idle',
  transactionMs: 'long-transaction: a transaction that takes so long',
  starvationWaitMs: 'pool-starvation: a request that waits so long for a connection',
  connectingWaitMs: 'pool-starvation: the same while the pool still opens its connections',
  leakMs: 'connection-leak: a connection that nobody has used for so long, if that is unusual for its place',
  leakAtExitMs: 'connection-leak: the same when the process has ended by itself',
  leakPendingMs: 'connection-leak: the same while something is awaited that may still come',
  blockedMs: 'event-loop-blocked: all blocks at one place, added up',
  blockedOnceMs: 'event-loop-blocked: a single block',
  frozenMs: 'event-loop-blocked: a block that has not ended when the recording does',
  repeatedQueries: 'repeated-query: so many statements that differ in their values only',
  serializedQueries: 'serialized-queries: so many statements at one place that queued on their own client',
  serializedMs: 'serialized-queries: for so long altogether; below that it is a note',
  maxConnections: "pool-overcommit: the server's max_connections; 0 where it is not known",
  longCheckoutMs: 'long-checkout: a connection that is held for so long without a transaction and without being used',
};
