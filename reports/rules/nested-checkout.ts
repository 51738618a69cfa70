import { adviseNested } from '../advice/nested-checkout.js';
import type { Checkout, Stack } from '../model.js';
import { siteOf } from '../timeline/locate.js';
import type { Nesting, NestingKind } from '../timeline/nesting.js';
import { sayFunction, sayFunctionAt, sayTimes } from '../words.js';
import { rankWords, topWord, type Group } from './group.js';
import type { Context, Offence, Rule } from './rule.js';

/** A flow that holds a connection asks for another one, and waits for it. */
export const nestedCheckout: Rule = {
  id: 'nested-checkout',
  sharesUse: true,
  *offences(context: Context) {
    for (const nestings of context.nesting().values()) {
      // Handlers of notifications use the pool like everybody else.
      for (const nesting of nestings) if (nesting.kind !== 'listen') yield offenceOf(nesting, context);
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

function offenceOf(nesting: Nesting, { places }: Context): Offence {
  const { outer, inner, depth, ms, kind, inTransaction } = nesting;
  const holder = siteOf(places.ofCheckout(outer).stack);
  const first = inner.queries[0]?.statement.text ?? '';
  return {
    checkout: outer,
    startMs: inner.requestedMs,
    ms,
    stack: places.ofNested(nesting).stack,
    shape: kind,
    statement: first,
    statements: [first],
    words: {
      depth: String(depth),
      max: String(inner.pool?.max ?? 0),
      inTransaction: inTransaction ? 'yes' : 'no',
      ...(holder === null ? {} : { holder: sayFunctionAt(holder) }),
    },
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
  const nestings = [...context.nesting().values()].flat().filter((nesting) => here(context.places.ofNested(nesting).stack));
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
