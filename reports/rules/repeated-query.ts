import { adviseRepeated } from '../advice/repeated-query.js';
import type { Checkout, Query } from '../model.js';
import { MANY, select, TRAIT } from '../timeline/select.js';
import { isFurtherRead } from '../timeline/submitted.js';
import { sayFunction, sayMs, sayStatement, sayTimes } from '../words.js';
import { normaliseStatement } from './fingerprint.js';
import type { Group } from './group.js';
import type { Context, Offence, Rule } from './rule.js';

/** What steers a transaction or a cursor, or is no query. */
const STEERS = /^\s*(?:begin|start\s|commit|end\b|abort|rollback|savepoint|release|prepare|execute|deallocate|fetch|move|close|declare|copy|listen|unlisten|notify|set\b|show\b|reset|discard|lock\b|create|alter|drop|grant|revoke|comment|truncate|vacuum|analyze|explain|call\b|do\b)/i;
/** Many rows at a time already: lists, arrays, several rows of values, pages. */
const SEVERAL = /\bany\s*\(|\bunnest\s*\(|\bjson\w*_to_recordset\s*\(|\bin\s*\(\s*(?:\$\d+|\?)\s*,|\)\s*,\s*(?:…|\()|\border\s+by\b[\s\S]*\blimit\b|\bskip\s+locked\b|\bpg_(?:try_)?advisory/i;
const READS = /^\s*(?:select|with|table|values)\b/i;
const WRITES = /\b(?:insert\s+into|update|delete\s+from|merge\s+into)\b/i;
/** Outside of a transaction, statements further apart than this are not one piece of work. */
const TOGETHER_MS = 100;

/** The same statement many times in one transaction or one checkout, each for another value: lazy loading. */
export const repeatedQuery: Rule = {
  id: 'repeated-query',
  sharesUse: true,
  *offences(context: Context) {
    const { repeatedQueries } = context.limits;
    for (const checkout of repeatedQueries < MANY ? context.timeline.checkouts : select(context.timeline, TRAIT.many)) {
      if (checkout.queries.length < repeatedQueries) continue;
      for (const [queries, inTransaction] of piecesOf(checkout)) {
        for (const repeated of countRepeated(queries, inTransaction).values()) {
          if (repeated.length >= repeatedQueries) yield offenceOf(repeated, inTransaction, checkout, context);
        }
      }
    }
  },
  severity: (group) => (isRead(group) ? 'warning' : 'note'),
  title(group, share) {
    const where = group.words.get('inTransaction')?.has('yes') === true ? 'transaction' : 'checkout';
    const part = share === null ? '' : `; ${sayMs(group.totalMs)} in all`;
    return `${sayFunction(group.site)} runs one statement up to ${mostTimes(group)} times in one ${where} (${sayStatement(textOf(group), 50)}), ${sayTimes(group.count)}${part}`;
  },
  advice: (group) => adviseRepeated(isRead(group), group.words.get('inTransaction')?.has('yes') === true),
  facts: (group) => ({ timesMax: mostTimes(group), timesInAll: group.sums.get('times') ?? 0, meanTimes: (group.sums.get('times') ?? 0) / group.count }),
};

/** Each transaction; and what a checkout of a pool does outside of them, as far as it comes in one go. */
function* piecesOf(checkout: Checkout): Iterable<[queries: readonly Query[], inTransaction: boolean]> {
  for (const transaction of checkout.transactions) if (transaction.inherited !== true) yield [transaction.queries, true];
  if (checkout.via !== 'connect') return;
  const inside = new Set(checkout.transactions.flatMap(({ queries }) => queries));
  yield [inside.size === 0 ? checkout.queries : checkout.queries.filter((query) => !inside.has(query)), false];
}

/** By statement. Those that were sent all at once are another matter: they wait for each other, not for the program. */
function countRepeated(queries: readonly Query[], inTransaction: boolean): Map<string, Query[]> {
  const repeated = new Map<string, Query[]>();
  let before: Query | undefined;
  for (const query of queries) {
    const { text } = query.statement;
    const isNext = query.queuedMs === 0 && query.error === '' && !isFurtherRead(query, before) && !STEERS.test(text) && !SEVERAL.test(text);
    before = query;
    if (!isNext) continue;
    const known = repeated.get(text);
    const last = known?.at(-1);
    const isTogether = inTransaction || last === undefined || query.startMs - (last.startMs + last.ms) < TOGETHER_MS;
    if (known === undefined || !isTogether) repeated.set(text, [query]);
    else known.push(query);
  }
  return repeated;
}

function offenceOf(repeated: readonly Query[], inTransaction: boolean, checkout: Checkout, { places }: Context): Offence {
  const located = repeated.find(({ stack }) => stack !== null) ?? repeated[0];
  const text = located?.statement.text ?? '';
  return {
    checkout,
    startMs: repeated[0]?.startMs ?? 0,
    ms: repeated.reduce((sum, { ms }) => sum + ms, 0),
    stack: located === undefined ? null : places.ofQuery(located, checkout).stack,
    shape: normaliseStatement(text),
    statement: text,
    statements: [text],
    words: { times: String(repeated.length), inTransaction: inTransaction ? 'yes' : 'no' },
    sums: { times: repeated.length },
  };
}

function textOf(group: Group): string {
  return group.identities.keys().next().value ?? '';
}

function isRead(group: Group): boolean {
  const text = textOf(group);
  return READS.test(text) && !WRITES.test(text);
}

function mostTimes(group: Group): number {
  return Math.max(...[...(group.words.get('times')?.keys() ?? [])].map(Number));
}
