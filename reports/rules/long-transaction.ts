import { adviseLong } from '../advice/long-transaction.js';
import type { Checkout, Transaction } from '../model.js';
import { visitHold } from '../timeline/hold.js';
import type { Places } from '../timeline/places.js';
import { selectLasting } from '../timeline/select.js';
import { sayFunction, sayMs, sayShare, sayTimes } from '../words.js';
import { type Group } from './group.js';
import type { Offence, Rule } from './rule.js';

const PARTS = ['sql', 'await', 'blocked', 'idle'] as const;
type Part = (typeof PARTS)[number];
const OPENING = /^(begin|start transaction|commit|rollback|savepoint|release)\b/i;

/** A transaction that takes longer than the limit, whatever it does meanwhile. */
export const longTransaction: Rule = {
  id: 'long-transaction',
  sharesUse: true,
  *offences({ timeline, limits, blocksOf, blockedWithin, places, isStuck }) {
    for (const checkout of selectLasting(timeline, limits.transactionMs)) {
      for (const transaction of checkout.transactions) {
        const { ms, startMs, inherited } = transaction;
        if (ms < limits.transactionMs || inherited === true || isStuck(checkout)) continue;
        // What made everything slow is not this transaction's doing, unless it is its own: that has a rule.
        if (ms - blockedWithin(checkout, startMs, startMs + ms) >= limits.transactionMs) yield offenceOf(checkout, transaction, blocksOf(checkout), places);
      }
    }
  },
  severity: () => 'warning',
  title(group, share) {
    const part = share === null ? '' : `, ${sayShare(share)} of all connection time`;
    const length = group.count === 1 ? `for ${sayMs(group.maxMs)}` : `for up to ${sayMs(group.maxMs)}, ${sayTimes(group.count)}`;
    return `A transaction that ${sayFunction(group.site)} began stays open ${length}${part}`;
  },
  advice(group, { limits }) {
    const parts = partsOf(group);
    const main = PARTS.reduce((a, b) => (parts[b] > parts[a] ? b : a));
    return adviseLong(main, parts[main] / group.totalMs, limits.transactionMs);
  },
  facts(group, { limits }) {
    const { sql, await: awaitMs, blocked, idle } = partsOf(group);
    return { limitMs: limits.transactionMs, meanMs: group.totalMs / group.count, sqlMs: sql, awaitMs, blockedMs: blocked, idleMs: idle };
  },
};

function offenceOf(checkout: Checkout, transaction: Transaction, blocks: Parameters<typeof visitHold>[2], places: Places): Offence {
  const first = transaction.queries[0];
  const stack = first === undefined ? checkout.stack : places.ofQuery(first, checkout).stack;
  const texts = transaction.queries.toSorted((a, b) => b.ms - a.ms).map(({ statement }) => statement.text);
  const parts = partsWithin(checkout, transaction, blocks);
  return {
    checkout,
    startMs: transaction.startMs,
    ms: transaction.ms,
    stack,
    shape: '',
    statement: texts.find((text) => !OPENING.test(text)) ?? texts[0] ?? '',
    statements: [...new Set(texts)].slice(0, 3),
    words: {},
    sums: parts,
  };
}

function partsWithin(checkout: Checkout, { startMs, ms }: Transaction, blocks: Parameters<typeof visitHold>[2]): Record<Part, number> {
  const parts: Record<Part, number> = { sql: 0, await: 0, blocked: 0, idle: 0 };
  visitHold(checkout, startMs + ms, blocks, ({ doing }, fromMs, untilMs) => {
    parts[doing] += Math.max(0, untilMs - Math.max(fromMs, startMs));
  });
  return parts;
}

function partsOf(group: Group): Record<Part, number> {
  const of = (part: Part): number => group.sums.get(part) ?? 0;
  return { sql: of('sql'), await: of('await'), blocked: of('blocked'), idle: of('idle') };
}
