import { adviseLeak } from '../advice/connection-leak.js';
import type { Pool } from '../model.js';
import type { Leak } from '../starvation/find-leaks.js';
import { groupByPool } from '../timeline/by-pool.js';
import { select, TRAIT } from '../timeline/select.js';
import { sayFunction, sayMany, sayMs } from '../words.js';
import type { Group } from './group.js';
import type { Context, Offence, Rule } from './rule.js';

const CERTAIN = 'certain';
/** Where the whole pool looks lost, and somebody waits for it, it makes no difference whether it may still come back. */
const EXHAUSTING = 'exhausting';

/** A connection that was acquired, is not used any more, and was never released. */
export const connectionLeak: Rule = {
  id: 'connection-leak',
  sharesUse: true,
  *offences(context: Context) {
    const exhausted = findExhausted(context);
    for (const leak of context.leaks().values()) yield offenceOf(leak, exhausted.has(leak.checkout.pool), context);
  },
  severity: (group) => (certain(group) > 0 || count(group, EXHAUSTING) > 0 ? 'error' : 'warning'),
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

/** The pools of which no connection was left, and which somebody asked for one in vain until the end. */
function findExhausted({ timeline, leaks }: Context): Set<Pool | null> {
  const lost = groupByPool([...leaks().keys()]);
  const exhausted = new Set<Pool | null>();
  for (const { pool, acquiredMs, endedMs } of lost.size === 0 ? [] : select(timeline, TRAIT.open)) {
    if (acquiredMs === null && endedMs === null && pool !== null && (lost.get(pool)?.length ?? 0) >= pool.max) exhausted.add(pool);
  }
  return exhausted;
}

function offenceOf({ checkout, sinceMs, endMs, isCertain }: Leak, isExhausted: boolean, { places }: Context): Offence {
  const last = checkout.queries.at(-1)?.statement.text ?? '';
  return {
    checkout,
    startMs: sinceMs,
    ms: endMs - sinceMs,
    stack: places.ofCheckout(checkout).stack,
    shape: '',
    statement: checkout.queries[0]?.statement.text ?? '',
    statements: last === '' ? [] : [last],
    words: { certainty: isCertain ? CERTAIN : isExhausted ? EXHAUSTING : 'apparent', inTransaction: (checkout.transactions.at(-1)?.status ?? 'I') === 'I' ? 'no' : 'yes' },
  };
}

function certain(group: Group): number {
  return count(group, CERTAIN);
}

function count(group: Group, certainty: string): number {
  return group.words.get('certainty')?.get(certainty)?.count ?? 0;
}
