import { adviseIdle } from '../advice/idle-in-transaction.js';
import type { Checkout, Gap } from '../model.js';
import { firstAfter, isKnownWait, lastBefore } from '../timeline/locate.js';
import type { Places } from '../timeline/places.js';
import { sayFunction, sayMs, sayShare, sayTimes } from '../words.js';
import { normaliseStatement } from './fingerprint.js';
import { topWord, type Group } from './group.js';
import type { Context, Offence, Rule } from './rule.js';

const AGAIN = 3;

/** A transaction is open, no statement runs, nothing is awaited, and the event loop is free: time that nobody uses. */
export const idleInTransaction: Rule = {
  id: 'idle-in-transaction',
  sharesUse: true,
  *offences(context: Context) {
    const { idleInTransactionMs, idleOnceMs, idleShare } = context.limits;
    const places = new Map<string, { gaps: number; idle: Offence[] }>();
    for (const checkout of context.timeline.checkouts) {
      for (const { gaps, inherited } of checkout.transactions) {
        if (inherited === true) continue;
        for (const gap of gaps) {
          // What nobody looked at is no evidence; what is lost or stuck has a finding of its own.
          if (gap.unwatched === true || (gap.open && context.isStuck(checkout))) continue;
          const at = placeOf(checkout, gap);
          let place = places.get(at);
          if (place === undefined) places.set(at, (place = { gaps: 0, idle: [] }));
          place.gaps += 1;
          const idleMs = gap.ms < idleInTransactionMs ? 0 : unexplained(checkout, gap, context);
          // What is left of a gap in which something was awaited is, when it is short, the await's aftermath.
          const limitMs = gap.waits.some(isKnownWait) ? idleOnceMs : idleInTransactionMs;
          if (idleMs >= limitMs) place.idle.push(offenceOf(checkout, gap, idleMs, context.places));
        }
      }
    }
    for (const { gaps, idle } of places.values()) {
      const again = idle.length >= AGAIN && idle.length / gaps >= idleShare;
      for (const offence of idle) if (again || offence.ms >= idleOnceMs) yield offence;
    }
  },
  severity: () => 'warning',
  title(group, share) {
    const part = share === null ? '' : `, ${sayShare(share)} of all connection time`;
    return `A transaction stays open and unused for up to ${sayMs(group.maxMs)} before ${sayFunction(group.site)} goes on, ${sayTimes(group.count)}${part}`;
  },
  advice: (group) => adviseIdle(group.maxMs),
  facts: (group: Group) => ({ meanMs: group.totalMs / group.count, endedBy: topWord(group, 'endedBy') }),
};

/** The time of a gap that neither a wait nor a blocked event loop accounts for. */
function unexplained(checkout: Checkout, gap: Gap, context: Context): number {
  let idleMs = 0;
  let fromMs = gap.startMs;
  const addUntil = (untilMs: number): void => {
    if (untilMs > fromMs) idleMs += untilMs - fromMs - context.blockedWithin(checkout, fromMs, untilMs);
  };
  for (const wait of gap.waits) {
    if (!isKnownWait(wait)) continue;
    addUntil(wait.startMs);
    fromMs = wait.startMs + wait.ms;
  }
  addUntil(gap.startMs + gap.ms);
  return idleMs;
}

function placeOf(checkout: Checkout, gap: Gap): string {
  const before = lastBefore(checkout.queries, gap)?.statement.text ?? '';
  const after = firstAfter(checkout.queries, gap)?.statement.text ?? '';
  return `${normaliseStatement(before)} → ${normaliseStatement(after)}`;
}

function offenceOf(checkout: Checkout, gap: Gap, idleMs: number, places: Places): Offence {
  const { stack } = places.ofGap(gap, checkout);
  const before = lastBefore(checkout.queries, gap)?.statement.text ?? '';
  const after = firstAfter(checkout.queries, gap)?.statement.text;
  return {
    checkout,
    startMs: gap.startMs,
    ms: idleMs,
    stack,
    shape: '',
    statement: before,
    statements: after === undefined ? [before] : [before, after],
    words: { endedBy: after !== undefined ? 'a statement' : gap.open ? 'the end of the trace' : 'the release' },
  };
}
