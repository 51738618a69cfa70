import { adviseNested, type NestingKind } from '../advice/nested-checkout.js';
import type { Checkout, Pool, Stack } from '../model.js';
import { firstGapAfter } from '../timeline/flows.js';
import { siteOf } from '../timeline/locate.js';
import type { Nesting } from '../timeline/nesting.js';
import { purposeOf } from '../timeline/purpose.js';
import { isFurtherRead } from '../timeline/submitted.js';
import { sayFunction, sayPlace, sayTimes } from '../words.js';
import { rankWords, topWord, type Group } from './group.js';
import type { Context, Offence, Rule } from './rule.js';

/** A flow that holds a connection asks for another one, and waits for it. */
export const nestedCheckout: Rule = {
  id: 'nested-checkout',
  sharesUse: true,
  *offences(context: Context) {
    const leadsBack = findCircles(context);
    for (const [outer, nestings] of context.nesting()) {
      for (const nesting of nestings) {
        if (purposeOf(outer, nesting.inner.requestedMs) === 'listen') continue;
        yield offenceOf(nesting, kindOf(nesting, leadsBack), context);
      }
    }
  },
  severity(group) {
    const kind = group.shape as NestingKind;
    if (kind === 'same' || kind === 'circle') return 'error';
    return kind === 'cursor' || (kind === 'other' && group.words.get('inTransaction')?.has('yes') === true) ? 'warning' : 'note';
  },
  title(group) {
    const who = sayFunction(group.site);
    const holder = topWord(group, 'holder');
    const held = holder === '' ? '' : ` (from ${holder})`;
    if (group.shape === 'other' || group.shape === 'circle') return `${who} asks another pool for a connection while its flow holds one${held}, ${sayTimes(group.count)}`;
    const { depth, max, flows } = numbersOf(group);
    const more = depth === 2 ? 'a second connection while its flow holds one' : `one more connection while its flow holds ${depth - 1}`;
    const stops = flows === 1 ? `one such flow stops a pool of ${max} for good` : `${flows} such flows at once stop a pool of ${max} for good`;
    return `${who} asks for ${more}${held}, ${sayTimes(group.count)}; ${stops}`;
  },
  advice: (group) => adviseNested(group.shape as NestingKind),
  facts(group, context) {
    const { depth, max, flows } = numbersOf(group);
    const holders = rankWords(group.words.get('holder')).map(([word]) => word);
    const atOnce = flowsAtOnce(group, context);
    const isSame = depth > 1;
    return {
      heldFrom: holders.slice(0, 5).join(', '),
      inTransaction: group.words.get('inTransaction')?.has('yes') === true,
      samePool: isSame,
      depth,
      poolMax: max,
      flowsAtOnce: atOnce,
      ...(isSame ? { deadlockFromFlows: flows, smallestSafePool: atOnce * (depth - 1) + 1, safePoolRule: 'flows at once × (depth − 1) + 1' } : {}),
      meanMs: group.totalMs / group.count,
    };
  },
};

function offenceOf({ outer, inner, depth, ms }: Nesting, kind: NestingKind, { places }: Context): Offence {
  const holder = siteOf(places.ofCheckout(outer).stack);
  const inTransaction = outer.transactions.some(({ startMs, ms }) => startMs <= inner.requestedMs && inner.requestedMs <= startMs + ms);
  const first = inner.queries[0]?.statement.text ?? '';
  return {
    checkout: outer,
    startMs: inner.requestedMs,
    ms,
    stack: places.ofCheckout(inner).stack,
    shape: kind,
    statement: first,
    statements: [first],
    words: {
      depth: String(depth),
      max: String(inner.pool?.max ?? 0),
      inTransaction: inTransaction ? 'yes' : 'no',
      ...(holder === null ? {} : { holder: `${sayFunction(holder)} at ${sayPlace(holder)}` }),
    },
  };
}

function kindOf({ outer, inner, depth }: Nesting, leadsBack: (from: Pool, to: Pool) => boolean): NestingKind {
  if (depth === 1) return outer.pool !== null && inner.pool !== null && leadsBack(inner.pool, outer.pool) ? 'circle' : 'other';
  if (purposeOf(outer, inner.requestedMs) !== null) return 'lock';
  return isReading(outer, inner.requestedMs) ? 'cursor' : 'same';
}

/** Between two reads of a cursor. */
function isReading(outer: Checkout, ms: number): boolean {
  const gap = outer.gaps[firstGapAfter(outer, ms)];
  if (gap === undefined || gap.startMs > ms) return false;
  const next = outer.queries.findIndex(({ startMs }) => startMs > ms);
  const [before, after] = [outer.queries[next - 1], outer.queries[next]];
  return after !== undefined && isFurtherRead(after, before);
}

/** Whether flows that hold a connection of one pool wait, directly or through others, for one of another. */
function findCircles(context: Context): (from: Pool, to: Pool) => boolean {
  const wants = new Map<Pool, Set<Pool>>();
  for (const [{ pool: held }, nestings] of context.nesting()) {
    for (const { inner } of nestings) {
      if (held === null || inner.pool === null || inner.pool === held) continue;
      const wanted = wants.get(held);
      if (wanted === undefined) wants.set(held, new Set([inner.pool]));
      else wanted.add(inner.pool);
    }
  }
  return (from, to) => {
    const reached = new Set([from]);
    for (const pool of reached) for (const next of wants.get(pool) ?? []) reached.add(next);
    return reached.has(to);
  };
}

function numbersOf(group: Group): { depth: number; max: number; flows: number } {
  const greatest = (name: string): number => Math.max(...[...(group.words.get(name)?.keys() ?? [])].map(Number));
  const depth = greatest('depth');
  const max = Math.min(...[...(group.words.get('max')?.keys() ?? [])].map(Number));
  return { depth, max, flows: depth > 1 ? Math.max(1, Math.ceil(max / (depth - 1))) : 0 };
}

/** The most flows that did this at one time. */
function flowsAtOnce(group: Group, context: Context): number {
  const here = (stack: Stack | null): boolean => {
    const site = siteOf(stack);
    return site?.file === group.site?.file && site?.line === group.site?.line;
  };
  const nestings = [...context.nesting().values()].flat().filter(({ inner }) => here(context.places.ofCheckout(inner).stack));
  const flows = [...new Set(nestings.map(({ outer }) => rootOf(outer)))];
  const edges = flows.flatMap((flow): [number, number][] => [[flow.requestedMs, 1], [context.endOf(flow), -1]]).toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  let count = 0;
  let most = 1;
  for (const [, change] of edges) most = Math.max(most, (count += change));
  return most;
}

function rootOf(checkout: Checkout): Checkout {
  let root = checkout;
  while (root.inside !== null && root.inside.pool === checkout.pool) root = root.inside;
  return root;
}
