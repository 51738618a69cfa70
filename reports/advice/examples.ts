import type { Analysis, Finding, RuleId } from '../model.js';
import { codeAwait } from './code/await-in-transaction.js';
import { codeLeak } from './code/connection-leak.js';
import { codeBlocked } from './code/event-loop-blocked.js';
import { codeIdle } from './code/idle-in-transaction.js';
import { codeLongCheckout } from './code/long-checkout.js';
import { codeLong } from './code/long-transaction.js';
import { codeNested } from './code/nested-checkout.js';
import { codeNoTimeout } from './code/no-acquire-timeout.js';
import { codeDeadlock } from './code/pool-deadlock.js';
import { codeStarvation } from './code/pool-starvation.js';
import { codeRepeated } from './code/repeated-query.js';
import { codeSerialized } from './code/serialized-queries.js';
import { codeOnPool } from './code/transaction-on-pool.js';
import { codeUnfinished } from './code/unfinished-transaction.js';
import { wordsOf, type CodeWords } from './code-words.js';

/** What to change, in outline: the finding's own function, call and statements, in code as short as can be. */
export interface CodeExample {
  before: string;
  after: string;
  /** The package in whose words it would be said in the end; "": none but pg. */
  via: string;
}

export type WriteCode = (words: CodeWords) => Omit<CodeExample, 'via'> | null;

const WRITERS: Record<RuleId, WriteCode> = {
  'await-in-transaction': codeAwait,
  'idle-in-transaction': codeIdle,
  'long-transaction': codeLong,
  'nested-checkout': codeNested,
  'pool-deadlock': codeDeadlock,
  'connection-leak': codeLeak,
  'unfinished-transaction': codeUnfinished,
  'transaction-on-pool': codeOnPool,
  'event-loop-blocked': codeBlocked,
  'pool-starvation': codeStarvation,
  'serialized-queries': codeSerialized,
  'repeated-query': codeRepeated,
  'long-checkout': codeLongCheckout,
  'no-acquire-timeout': codeNoTimeout,
  'pool-overcommit': () => null,
};

/** Null: there is none, as the way out is not code, or not the same for all such findings. */
export function exampleFor(finding: Finding, sources: Analysis['sources']): CodeExample | null {
  const code = WRITERS[finding.rule](wordsOf(finding, sources));
  return code === null ? null : { ...code, via: finding.via?.package ?? '' };
}
