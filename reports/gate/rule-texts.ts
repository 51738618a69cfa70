/** Each rule in words that do not depend on a run: for baselines, dashboards and code scanning. */
import type { RuleId } from '../model.js';

export interface RuleText {
  /** A headline without a subject. */
  title: string;
  /** Why it matters, and what to do, in general. */
  help: string;
}

export const RULE_TEXTS: Record<RuleId, RuleText> = {
  'await-in-transaction': {
    title: 'Await inside an open transaction',
    help: 'A transaction is open while the program awaits something that is not its database: a request, a file, a timer. Meanwhile its connection serves nobody else, and its locks and its snapshot stay. Do that work before BEGIN or after COMMIT.',
  },
  'idle-in-transaction': {
    title: 'Idle in transaction',
    help: 'A transaction is open, no statement of it runs, and nothing that could be traced is awaited. Compute, parse and render before BEGIN or after COMMIT, and send the statements right after one another.',
  },
  'long-transaction': {
    title: 'Long transaction',
    help: 'A transaction takes longer than the threshold. It keeps its locks, and keeps vacuum from removing dead rows everywhere. Make its statements faster, or split the work into several transactions.',
  },
  'nested-checkout': {
    title: 'Second connection while holding one',
    help: 'Code that holds a connection asks the pool for another one. When every holder does so at the same time, none ever gets its second one. Use the connection that is already held, or ask for both before.',
  },
  'pool-deadlock': {
    title: 'Pool deadlock',
    help: 'All connections of a pool are held by code that waits for one more of them, so none is ever released. Never ask for a connection while holding one of the same pool; a larger pool only moves the point.',
  },
  'connection-leak': {
    title: 'Connection is never released',
    help: 'A connection was checked out and not given back. Each one makes the pool smaller, until nothing goes on. Put release() into a finally block.',
  },
  'unfinished-transaction': {
    title: 'Released inside a transaction',
    help: 'A connection went back to its pool with an open or failed transaction. Whoever gets it next works inside of that. Commit or roll back on every path, in a finally block.',
  },
  'transaction-on-pool': {
    title: 'Transaction through pool.query',
    help: 'BEGIN was sent through the pool, where each statement may use another connection: the transaction does not hold what it should, and stays open. Check out a client for a transaction.',
  },
  'event-loop-blocked': {
    title: 'Event loop blocked while connections are held',
    help: 'Synchronous work kept the event loop from turning while connections were held or waited for. Move it to a worker thread, or into smaller pieces.',
  },
  'pool-starvation': {
    title: 'Pool starvation',
    help: 'Requests waited for a connection, as all were held. Look at who held them, and for what; only when that is fast SQL alone, enlarge the pool.',
  },
  'serialized-queries': {
    title: 'Parallel queries on one client',
    help: 'Several queries were started at once on one client, which runs them one after the other. Await them in order, or use connections of their own where that is worth it.',
  },
  'repeated-query': {
    title: 'The same query many times in one transaction',
    help: 'A statement is repeated for each row of another one. Ask for all rows at once: with a join, or with = ANY($1).',
  },
  'long-checkout': {
    title: 'Connection held without a transaction',
    help: 'A connection is held for long although no transaction is open on it. Check it out later, release it sooner, or give such work a pool of its own.',
  },
  'no-acquire-timeout': {
    title: 'Pool without acquire timeout',
    help: 'A request for a connection may wait for ever. Set connectionTimeoutMillis, so that an exhausted pool fails instead of hanging.',
  },
  'pool-overcommit': {
    title: 'Pools may open more connections than the server allows',
    help: "The processes' pools together may open more connections than max_connections. Make them smaller, or put a pooler in between.",
  },
};
