import { SEVERITIES, type Finding } from '../model.js';
import { awaitInTransaction } from './await-in-transaction.js';
import { connectionLeak } from './connection-leak.js';
import { eventLoopBlocked } from './event-loop-blocked.js';
import { idleInTransaction } from './idle-in-transaction.js';
import { longCheckout } from './long-checkout.js';
import { longTransaction } from './long-transaction.js';
import { nestedCheckout } from './nested-checkout.js';
import { noAcquireTimeout } from './no-acquire-timeout.js';
import { poolDeadlock } from './pool-deadlock.js';
import { poolOvercommit } from './pool-overcommit.js';
import { poolStarvation } from './pool-starvation.js';
import { repeatedQuery } from './repeated-query.js';
import type { Context, Rule } from './rule.js';
import { runRule } from './run-rule.js';
import { serializedQueries } from './serialized-queries.js';
import { transactionOnPool } from './transaction-on-pool.js';
import { unfinishedTransaction } from './unfinished-transaction.js';

/** All rules there are. */
export const RULES = [
  awaitInTransaction,
  idleInTransaction,
  longTransaction,
  nestedCheckout,
  poolDeadlock,
  connectionLeak,
  unfinishedTransaction,
  transactionOnPool,
  eventLoopBlocked,
  poolStarvation,
  serializedQueries,
  repeatedQuery,
  longCheckout,
  noAcquireTimeout,
  poolOvercommit,
] as const satisfies readonly Rule[];

/** The findings of all rules: errors first (a standstill before all others), then by time. */
export function runRules(context: Context, rules: readonly Rule[] = RULES): Finding[] {
  return rules.flatMap((rule) => runRule(rule, context)).toSorted(byWeight);
}

function byWeight(a: Finding, b: Finding): number {
  const bySeverity = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
  const byStandstill = Number(b.rule === 'pool-deadlock') - Number(a.rule === 'pool-deadlock');
  return bySeverity || byStandstill || b.totalMs - a.totalMs || (a.fingerprint < b.fingerprint ? -1 : 1);
}
