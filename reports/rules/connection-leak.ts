import { adviseLeak } from '../advice/connection-leak.js';
import type { Leak } from '../starvation/find-leaks.js';
import { sayFunction, sayMany, sayMs } from '../words.js';
import type { Group } from './group.js';
import type { Context, Offence, Rule } from './rule.js';

const CERTAIN = 'certain';

/** A connection that was acquired, is not used any more, and was never released. */
export const connectionLeak: Rule = {
  id: 'connection-leak',
  sharesUse: true,
  *offences(context: Context) {
    for (const leak of context.leaks().values()) yield offenceOf(leak, context);
  },
  severity: (group) => (certain(group) > 0 ? 'error' : 'warning'),
  title(group) {
    const looks = certain(group) > 0 ? 'never gives' : 'does not seem to give';
    const what = group.count === 1 ? 'a connection' : sayMany(group.count, 'connection');
    const them = group.count === 1 ? 'it' : 'them';
    return `${sayFunction(group.site)} takes ${what} and ${looks} ${them} back; unused for up to ${sayMs(group.maxMs)} until the recording ended`;
  },
  advice: (group) => adviseLeak(certain(group) > 0),
  facts(group) {
    const max = Math.min(...[...group.pools].map((pool) => pool?.max ?? Infinity));
    return {
      leaked: group.count,
      certain: certain(group),
      ...(Number.isFinite(max) ? { poolMax: max } : {}),
      inTransaction: group.words.get('inTransaction')?.has('yes') === true,
      meanMs: group.totalMs / group.count,
    };
  },
};

function offenceOf({ checkout, sinceMs, endMs, isCertain }: Leak, { places }: Context): Offence {
  const last = checkout.queries.at(-1)?.statement.text ?? '';
  return {
    checkout,
    startMs: sinceMs,
    ms: endMs - sinceMs,
    stack: places.ofCheckout(checkout).stack,
    shape: '',
    statement: checkout.queries[0]?.statement.text ?? '',
    statements: last === '' ? [] : [last],
    words: { certainty: isCertain ? CERTAIN : 'apparent', inTransaction: (checkout.transactions.at(-1)?.status ?? 'I') === 'I' ? 'no' : 'yes' },
  };
}

function certain(group: Group): number {
  return group.words.get('certainty')?.get(CERTAIN)?.count ?? 0;
}
