import { adviseUnfinished } from '../advice/unfinished-transaction.js';
import type { Checkout, Transaction } from '../model.js';
import { missingEvents } from '../missing-events.js';
import { countHeirs } from '../timeline/heirs.js';
import { siteOf } from '../timeline/locate.js';
import { leavesOpen } from '../timeline/mark-inherited.js';
import { isPoolStatement } from '../timeline/pool-statement.js';
import { select, TRAIT } from '../timeline/select.js';
import { sayFunction, sayPlace, sayTimes } from '../words.js';
import { rankWords, type Group } from './group.js';
import type { Context, Offence, Rule } from './rule.js';

const FAILED = 'failed';
const FINISHES = /^\s*(?:commit|end|abort|rollback(?!\s+(?:work\s+|transaction\s+)?to\b))\b/i;
const ROUNDING_MS = 0.01;

/** A connection goes back to its pool with its transaction open, by the server's own word. */
export const unfinishedTransaction: Rule = {
  id: 'unfinished-transaction',
  sharesUse: false,
  *offences(context: Context) {
    let heirs: ReadonlyMap<Checkout, number> | undefined;
    for (const checkout of select(context.timeline, TRAIT.leftOpen)) {
      if (checkout.via !== 'connect' || !leavesOpen(checkout) || isPoolStatement(checkout)) continue;
      const transaction = checkout.transactions.at(-1);
      if (transaction === undefined || transaction.inherited === true || isBeingFinished(checkout)) continue;
      heirs ??= countHeirs(context.timeline);
      yield offenceOf(checkout, transaction, heirs.get(checkout) ?? 0, context);
    }
  },
  // The end of a transaction may be among the events that were dropped.
  isFinding: (group) => group.count > lostIn(group),
  severity: () => 'error',
  title(group) {
    const heirs = group.sums.get('heirs') ?? 0;
    const state = group.shape === FAILED ? 'failed transaction' : 'transaction';
    const effect = heirs === 0 ? '' : `; ${heirs === 1 ? 'one more checkout' : `${heirs} more checkouts`} of the same connection worked inside`;
    return `${sayFunction(group.site)} begins a transaction and releases its connection without ending it (${state} still open), ${sayTimes(group.count)}${effect}`;
  },
  advice: (group) => adviseUnfinished(group.shape === FAILED),
  facts: (group) => ({
    status: group.shape === FAILED ? 'E' : 'T',
    releasedAt: rankWords(group.words.get('releasedAt')).map(([word]) => word).slice(0, 5).join(', '),
    connectionFrom: rankWords(group.words.get('connectionFrom')).map(([word]) => word).slice(0, 5).join(', '),
    laterCheckoutsInside: group.sums.get('heirs') ?? 0,
  }),
};

/** Its COMMIT or ROLLBACK was sent, and the connection given back before the answer came: the server ends it. */
function isBeingFinished({ queries, endedMs }: Checkout): boolean {
  const last = queries.at(-1);
  return last !== undefined && endedMs !== null && FINISHES.test(last.statement.text) && last.startMs + last.ms >= endedMs - ROUNDING_MS;
}

function offenceOf(checkout: Checkout, transaction: Transaction, heirs: number, { places }: Context): Offence {
  const first = transaction.queries[0];
  const texts = transaction.queries.map(({ statement }) => statement.text);
  const gap = checkout.gaps.at(-1);
  const released = gap === undefined || gap.ended === null ? null : siteOf(gap.ended);
  const asked = siteOf(places.ofCheckout(checkout).stack);
  return {
    checkout,
    startMs: transaction.startMs,
    ms: transaction.ms,
    stack: first === undefined ? places.ofCheckout(checkout).stack : places.ofQuery(first, checkout).stack,
    shape: transaction.status === 'E' ? FAILED : '',
    statement: texts[1] ?? texts[0] ?? '',
    statements: [...new Set(texts)].slice(-3),
    words: { ...(released === null ? {} : { releasedAt: sayPlace(released) }), ...(asked === null ? {} : { connectionFrom: sayPlace(asked) }) },
    sums: { heirs },
  };
}

/** Events that were dropped in the recordings of a group. */
function lostIn({ pools }: Group): number {
  const recordings = new Set([...pools].map((pool) => pool?.recording));
  return [...recordings].reduce((sum, recording) => sum + (recording === undefined ? 0 : missingEvents(recording)), 0);
}
