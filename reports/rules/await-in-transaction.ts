import type { WaitKind } from '../../probes/trace/events.js';
import { adviseAwait } from '../advice/await-in-transaction.js';
import { callersOf } from '../callers.js';
import type { Checkout, Gap, Stack, Wait } from '../model.js';
import { checkoutsOf } from '../timeline/checkout-list.js';
import { firstAfter, isKnownWait, lastBefore, siteOf } from '../timeline/locate.js';
import type { Places } from '../timeline/places.js';
import { selectPositions, TRAIT } from '../timeline/select.js';
import { sayFunction, sayPlace, sayShare, sayTimes, sayWait } from '../words.js';
import { commonWord, rankWords, topWord, type Group } from './group.js';
import { keepStuck } from './context.js';
import type { Context, Offence, Rule } from './rule.js';

const OWN = 'own';
const FOREIGN = 'foreign';

/** An open transaction waits for anything but its database. Wrong by its structure: any duration counts. */
export const awaitInTransaction: Rule = {
  id: 'await-in-transaction',
  sharesUse: true,
  *offences(context: Context) {
    const { timeline, places } = context;
    keepStuck(context);
    const list = checkoutsOf(timeline);
    for (const index of selectPositions(list, TRAIT.waits)) {
      const checkout = list.glanceAt(index);
      for (const { gaps, inherited } of checkout.transactions) {
        if (inherited === true) continue;
        for (const gap of gaps) {
          if (gap.waits.length === 0) continue;
          const waits = gap.waits.filter((wait) => isKnownWait(wait) && !isSaidElsewhere(wait, gap, checkout, context));
          yield* joinAdjacent(waits.map((wait) => offenceOf(checkout, gap, wait, places)));
        }
      }
    }
  },
  kind: (group) => `${group.shape} ${CLASSES[kindOf(group)]}`,
  severity: () => 'error',
  title(group, share) {
    const what = isForeign(group) ? foreignWords(group) : `waits for ${awaited(group)}`;
    const part = share === null ? '' : `, ${sayShare(share)} of all connection time`;
    return `A transaction stays open while ${sayFunction(group.site)} ${what}, ${sayTimes(group.count)}${part}`;
  },
  advice: (group) => adviseAwait(kindOf(group), awaited(group), isForeign(group)),
  facts(group) {
    const callers = rankWords(group.words.get('caller')).map(([word]) => word);
    const kinds = rankWords(group.words.get('kind')).map(([word]) => word);
    return {
      awaited: awaited(group),
      kind: kindOf(group),
      ...(kinds.length > 1 ? { kinds: kinds.join(', ') } : {}),
      ...(isForeign(group) ? { startedElsewhere: topWord(group, 'startedAt') || true } : {}),
      ...(callers.length > 1 ? { callers: callers.slice(0, 5).join(', ') } : {}),
      meanMs: group.totalMs / group.count,
    };
  },
};

/** What is one thing to the reader of a line, and may be seen as one or the other: a request is a look-up, a connection, an answer. */
const CLASSES: Record<WaitKind, string> = {
  timer: 'timer', http: 'network', dns: 'network', socket: 'network', file: 'file', stream: 'file', 'child-process': 'process', signal: 'process', worker: 'worker',
  crypto: 'worker', zlib: 'worker', checkout: 'database', query: 'database', promise: 'promise', unknown: 'promise',
};

/**
 * One fault is one finding: the wait for one more connection of the pool, and for what is done with it, belongs to the
 * nested checkout. (Another pool is another matter: asking it is no deadlock, and waiting for it is an await.)
 * And of a connection that was lost, what its last gap has is what the program did without it.
 */
function isSaidElsewhere({ kind, startMs, ms }: Wait, gap: Gap, checkout: Checkout, context: Context): boolean {
  if (gap.open && context.leaks().has(checkout)) return true;
  if (kind !== 'checkout' && kind !== 'query') return false;
  return context.nesting().get(checkout)?.some(({ inner, kind }) => (kind === 'same' || kind === 'circle') && startMs < (inner.endedMs ?? Infinity) && startMs + ms > inner.requestedMs) === true;
}

/** Waits at one place right after each other are one occurrence: asking for an answer, then reading it. */
function joinAdjacent(offences: readonly Offence[]): readonly Offence[] {
  if (offences.length < 2) return offences;
  const joined: Offence[] = [];
  for (const offence of offences) {
    const last = joined.at(-1);
    if (last !== undefined && isSameSite(last.stack, offence.stack) && last.shape === offence.shape && last.words['awaited'] === offence.words['awaited']) {
      joined[joined.length - 1] = { ...last, ms: last.ms + offence.ms };
    } else {
      joined.push(offence);
    }
  }
  return joined;
}

function isSameSite(a: Stack | null, b: Stack | null): boolean {
  if (a === b) return true;
  const [left, right] = [siteOf(a), siteOf(b)];
  return left !== null && left.file === right?.file && left.line === right.line;
}

function offenceOf(checkout: Checkout, gap: Gap, wait: Wait, places: Places): Offence {
  const { stack } = places.ofWait(wait, gap, checkout);
  const before = lastBefore(checkout.queries, gap)?.statement.text ?? '';
  const after = firstAfter(checkout.queries, gap)?.statement.text;
  const caller = stack === null ? '' : callerOf(stack);
  const startedAt = wait.foreign ? wait.started?.frames[0] : undefined;
  return {
    checkout,
    startMs: wait.startMs,
    ms: wait.ms,
    stack,
    shape: wait.foreign ? FOREIGN : OWN,
    statement: before,
    statements: after === undefined ? [before] : [before, after],
    words: {
      kind: wait.kind,
      awaited: sayWait(wait.kind, wait.detail),
      ...(caller === '' ? {} : { caller }),
      ...(startedAt === undefined ? {} : { startedAt: sayPlace(startedAt) }),
    },
  };
}

const callers = new WeakMap<Stack, string>();

/** "" for none. Stacks are shared: with very many offences, each caller is named once. */
function callerOf(stack: Stack): string {
  let caller = callers.get(stack);
  if (caller === undefined) {
    const [site] = callersOf(stack.frames);
    callers.set(stack, (caller = site === undefined ? '' : `${sayFunction(site)} (${sayPlace(site)})`));
  }
  return caller;
}

function kindOf(group: Group): WaitKind {
  return topWord(group, 'kind') as WaitKind;
}

function isForeign(group: Group): boolean {
  return group.shape === FOREIGN;
}

/** With its detail when that is the same each time; else of its kind. */
function awaited(group: Group): string {
  return commonWord(group, 'awaited') || (group.words.get('kind')?.size === 1 ? sayWait(kindOf(group), '') : topWord(group, 'awaited'));
}

function foreignWords(group: Group): string {
  const place = commonWord(group, 'startedAt');
  const kind = kindOf(group);
  const what = kind === 'promise' || kind === 'unknown' ? '' : ` (${awaited(group)})`;
  return `waits for a promise that other code started${place === '' ? '' : ` at ${place}`}${what}`;
}
