import { adviseLongCheckout, type LongHold } from '../advice/long-checkout.js';
import type { Checkout, Gap, Wait } from '../model.js';
import { firstAfter, isKnownWait, lastBefore } from '../timeline/locate.js';
import { purposeOf } from '../timeline/purpose.js';
import { selectLasting } from '../timeline/select.js';
import { isFurtherRead } from '../timeline/submitted.js';
import { sayFunction, sayMs, sayTimes, sayWait } from '../words.js';
import { topWord } from './group.js';
import type { Context, Offence, Rule } from './rule.js';

const AGAIN = 3;

/** A pool's connection that is held for long without a transaction and without a statement. */
export const longCheckout: Rule = {
  id: 'long-checkout',
  sharesUse: true,
  *offences(context: Context) {
    const { longCheckoutMs } = context.limits;
    for (const checkout of selectLasting(context.timeline, longCheckoutMs)) {
      const { acquiredMs, pool, via } = checkout;
      if (acquiredMs === null || pool === null || via !== 'connect' || context.endOf(checkout) - acquiredMs < longCheckoutMs || context.isStuck(checkout)) continue;
      const unused = checkout.gaps.filter((gap) => !gap.inTransaction && gap.unwatched !== true).map((gap): Unused => ({ gap, ms: unusedMs(gap, checkout, context) }));
      const ms = unused.reduce((sum, part) => sum + part.ms, 0);
      if (ms >= longCheckoutMs) yield offenceOf(checkout, unused, ms, context);
    }
  },
  severity(group, context) {
    if (group.shape === 'listen' || group.shape === 'lock') return 'note';
    return group.count >= AGAIN || context.starvation().some(({ pool }) => group.pools.has(pool)) ? 'warning' : 'note';
  },
  title: (group) => `${sayFunction(group.site)} ${TITLES[group.shape as LongHold](topWord(group, 'awaited'))} for up to ${sayMs(group.maxMs)}, ${sayTimes(group.count)}`,
  advice: (group) => adviseLongCheckout(group.shape as LongHold),
  facts: (group, { limits }) => ({ limitMs: limits.longCheckoutMs, keptFor: group.shape, meanMs: group.totalMs / group.count }),
};

const TITLES: Record<LongHold, (awaited: string) => string> = {
  listen: () => "keeps one of the pool's connections for LISTEN",
  lock: () => "keeps one of the pool's connections for a session's lock",
  cursor: () => 'holds a connection between the reads of a cursor, without a transaction,',
  await: (awaited) => `holds a connection while it waits for ${awaited}, without a transaction,`,
  idle: () => 'holds a connection that it does not use, without a transaction,',
};

interface Unused {
  gap: Gap;
  ms: number;
}

/** What a gap has beyond the event loop's blocks and the time for which other connections of the flow were needed. */
function unusedMs(gap: Gap, checkout: Checkout, { blockedWithin }: Context): number {
  const elsewhere = gap.waits.filter(isElsewhere).reduce((sum, { ms }) => sum + ms, 0);
  return Math.max(0, gap.ms - elsewhere - blockedWithin(checkout, gap.startMs, gap.startMs + gap.ms));
}

function isElsewhere({ kind }: Wait): boolean {
  return kind === 'checkout' || kind === 'query';
}

function offenceOf(checkout: Checkout, unused: readonly Unused[], ms: number, { places }: Context): Offence {
  const { kind, gap, wait } = mainReason(checkout, unused);
  const before = lastBefore(checkout.queries, gap);
  const text = before?.statement.text ?? '';
  const atRequest = places.ofCheckout(checkout).stack;
  const atStatement = before === undefined ? atRequest : places.ofQuery(before, checkout).stack;
  const stacks = { listen: atRequest, lock: atRequest, idle: atRequest, cursor: atStatement, await: wait === undefined ? atRequest : places.ofWait(wait, gap, checkout).stack };
  return {
    checkout,
    startMs: gap.startMs,
    ms,
    stack: stacks[kind],
    shape: kind,
    statement: text,
    statements: text === '' ? [] : [text],
    words: wait === undefined ? {} : { awaited: sayWait(wait.kind, wait.detail) },
  };
}

interface Reason {
  kind: LongHold;
  ms: number;
  /** The longest one of that kind. */
  gap: Gap;
  wait: Wait | undefined;
}

/** What most of the unused time went to. */
function mainReason(checkout: Checkout, unused: readonly Unused[]): Reason {
  const reasons = new Map<LongHold, Reason>();
  for (const { gap, ms } of unused.toSorted((a, b) => b.ms - a.ms)) {
    const wait = gap.waits.filter((wait) => isKnownWait(wait) && !isElsewhere(wait)).toSorted((a, b) => b.ms - a.ms)[0];
    const kind = kindOf(checkout, gap, wait);
    const known = reasons.get(kind);
    if (known === undefined) reasons.set(kind, { kind, ms, gap, wait });
    else known.ms += ms;
  }
  return [...reasons.values()].reduce((a, b) => (b.ms > a.ms ? b : a));
}

function kindOf(checkout: Checkout, gap: Gap, wait: Wait | undefined): LongHold {
  const purpose = purposeOf(checkout, gap.startMs + gap.ms);
  if (purpose !== null) return purpose;
  const after = firstAfter(checkout.queries, gap);
  if (after !== undefined && isFurtherRead(after, lastBefore(checkout.queries, gap))) return 'cursor';
  return wait !== undefined && wait.ms >= gap.ms / 2 ? 'await' : 'idle';
}
