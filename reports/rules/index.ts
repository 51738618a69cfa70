import { SEVERITIES, type Finding } from '../model.js';
import { awaitInTransaction } from './await-in-transaction.js';
import { idleInTransaction } from './idle-in-transaction.js';
import { longTransaction } from './long-transaction.js';
import { poolStarvation } from './pool-starvation.js';
import type { Context, Rule } from './rule.js';
import { runRule } from './run-rule.js';

/** All rules there are. */
export const RULES = [awaitInTransaction, idleInTransaction, longTransaction, poolStarvation] as const satisfies readonly Rule[];

/** The findings of all rules: errors first, then by time. */
export function runRules(context: Context, rules: readonly Rule[] = RULES): Finding[] {
  return rules.flatMap((rule) => runRule(rule, context)).toSorted(byWeight);
}

function byWeight(a: Finding, b: Finding): number {
  const bySeverity = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
  return bySeverity || b.totalMs - a.totalMs || (a.fingerprint < b.fingerprint ? -1 : 1);
}
