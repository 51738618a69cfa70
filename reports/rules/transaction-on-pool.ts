import { adviseOnPool } from '../advice/transaction-on-pool.js';
import type { Checkout } from '../model.js';
import { countHeirs } from '../timeline/heirs.js';
import { leavesOpen } from '../timeline/mark-inherited.js';
import { isPoolStatement } from '../timeline/pool-statement.js';
import { select, TRAIT } from '../timeline/select.js';
import { sayFunction, sayMany, sayTimes } from '../words.js';
import { topWord, type Group } from './group.js';
import type { Context, Rule } from './rule.js';

/** `pool.query`, or a library's like of it, leaves a transaction open, by the server's own word: the connection went back to the pool with it. */
export const transactionOnPool: Rule = {
  id: 'transaction-on-pool',
  sharesUse: false,
  *offences({ timeline, places }: Context) {
    let heirs: ReadonlyMap<Checkout, number> | undefined;
    for (const checkout of select(timeline, TRAIT.leftOpen)) {
      if (!leavesOpen(checkout) || !isPoolStatement(checkout)) continue;
      const transaction = checkout.transactions.at(-1);
      if (transaction === undefined || transaction.inherited === true) continue;
      heirs ??= countHeirs(timeline);
      const text = checkout.queries[0]?.statement.text ?? '';
      yield {
        checkout,
        startMs: transaction.startMs,
        ms: transaction.ms,
        stack: places.ofCheckout(checkout).stack,
        shape: '',
        statement: text,
        statements: [text],
        words: { with: checkout.via === 'query' ? 'pool.query' : `a statement to the pool of ${checkout.stack?.via?.package ?? 'its library'}` },
        sums: { heirs: heirs.get(checkout) ?? 0 },
      };
    }
  },
  severity: (group) => (isAlone(group) ? 'warning' : 'error'),
  title(group) {
    const heirs = group.sums.get('heirs') ?? 0;
    const effect = heirs === 0 ? 'nothing that belongs to it can reach that connection for sure' : `${sayMany(heirs, 'later checkout')} of that connection ran inside it`;
    return `${sayFunction(group.site)} begins a transaction with ${topWord(group, 'with')}, ${sayTimes(group.count)}; ${effect}`;
  },
  advice: (group) => adviseOnPool(isAlone(group), topWord(group, 'with') === 'pool.query'),
  facts: (group) => ({ laterCheckoutsInside: group.sums.get('heirs') ?? 0, poolMax: Math.max(...[...group.pools].map((pool) => pool?.max ?? 0)) }),
};

function isAlone({ pools }: Group): boolean {
  return [...pools].every((pool) => pool?.max === 1);
}
