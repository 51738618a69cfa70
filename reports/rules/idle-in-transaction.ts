import { adviseIdle } from '../advice/idle-in-transaction.js';
import type { Checkout, Gap, Statement } from '../model.js';
import { checkoutsOf } from '../timeline/checkout-list.js';
import { firstAfter, isKnownWait, lastBefore } from '../timeline/locate.js';
import type { Places } from '../timeline/places.js';
import { selectPositions, TRAIT } from '../timeline/select.js';
import { sayFunction, sayMs, sayShare, sayTimes } from '../words.js';
import { normaliseStatement } from './fingerprint.js';
import { topWord, type Group } from './group.js';
import { keepStuck } from './context.js';
import type { Context, Offence, Rule } from './rule.js';

const AGAIN = 5;
/**
 * Where so large a share of all other gaps is idle as well, it is the machine that has too much to do: then a place is
 * remarkable only if it is idle (nearly) every time, and often.
 */
const NOISY = 0.1;
/** So many blocks of the event loop of which no line is known: the process did not get its processor. */
const BLOCKS = 3;
/** There, even a long pause is chance. */
const LONGER = 5;
const EVERY_TIME = 0.9;
const OFTEN = 8;

/** A transaction is open, no statement runs, nothing is awaited, and the event loop is free: time that nobody uses. */
export const idleInTransaction: Rule = {
  id: 'idle-in-transaction',
  sharesUse: true,
  *offences(context: Context) {
    const { idleInTransactionMs, idleOnceMs, idleShare } = context.limits;
    const places = openPlaces();
    const count = (before: Statement | undefined, after: Statement | undefined): Place => {
      const place = places.between(before, after);
      place.gaps += 1;
      return place;
    };
    keepStuck(context);
    const list = checkoutsOf(context.timeline);
    const leastMs = Math.min(idleInTransactionMs, idleOnceMs);
    for (const index of selectPositions(list, TRAIT.transaction)) {
      // Nearly all are of this kind: to be counted, they need not be made.
      if (list.longestPause(index) < leastMs) {
        list.visitPauses(index, count);
        continue;
      }
      const checkout = list.glanceAt(index);
      for (const { gaps, inherited } of checkout.transactions) {
        if (inherited === true) continue;
        for (const gap of gaps) {
          // What nobody looked at is no evidence, but a doubt; what is lost or stuck has a finding of its own.
          if (gap.unwatched === true) context.unwatched.push(gap.ms);
          if (gap.unwatched === true || (gap.open && context.isStuck(checkout))) continue;
          const place = count(lastBefore(checkout.queries, gap)?.statement, firstAfter(checkout.queries, gap)?.statement);
          const idleMs = gap.ms < idleInTransactionMs ? 0 : unexplained(checkout, gap, context);
          // What is left of a gap in which something was awaited is, when it is short, the await's aftermath.
          const limitMs = gap.waits.some(isKnownWait) ? idleOnceMs : idleInTransactionMs;
          if (idleMs >= limitMs) place.idle.push(offenceOf(checkout, gap, idleMs, context.places));
        }
      }
    }
    const all = sumOf(places.all());
    for (const { gaps, idle } of places.all()) {
      const elsewhere = all.gaps === gaps ? 0 : (all.idle - idle.length) / (all.gaps - gaps);
      const isNoisy = elsewhere > NOISY || idle.some(({ checkout }) => isStarving(checkout, context));
      const again = isNoisy ? idle.length >= OFTEN && idle.length / gaps >= EVERY_TIME : idle.length >= AGAIN && idle.length / gaps >= idleShare;
      for (const offence of idle) if (again || offence.ms >= idleOnceMs * (isStarving(offence.checkout, context) ? LONGER : 1)) yield offence;
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

function isStarving(checkout: Checkout, { blocksOf }: Context): boolean {
  return blocksOf(checkout).filter(({ stack }) => stack === null).length >= BLOCKS;
}

/** The gaps between two statements, and those of them that were idle. */
interface Place {
  gaps: number;
  idle: Offence[];
}

function sumOf(places: Iterable<Place>): { gaps: number; idle: number } {
  const sum = { gaps: 0, idle: 0 };
  for (const { gaps, idle } of places) {
    sum.gaps += gaps;
    sum.idle += idle.length;
  }
  return sum;
}

/** The time of a gap that neither a wait nor a blocked event loop accounts for. */
function unexplained(checkout: Checkout, gap: Gap, context: Context): number {
  let idleMs = 0;
  let fromMs = gap.startMs;
  const addUntil = (untilMs: number): void => {
    if (untilMs > fromMs) idleMs += untilMs - fromMs - blockedBetween(fromMs, untilMs, context.blocksOf(checkout));
  };
  for (const wait of gap.waits) {
    if (!isKnownWait(wait)) continue;
    addUntil(wait.startMs);
    fromMs = wait.startMs + wait.ms;
  }
  addUntil(gap.startMs + gap.ms);
  return idleMs;
}

/** A block begins with the first beat that is missed, so up to a beat later than what caused it. */
const BEAT_MS = 50;

function blockedBetween(fromMs: number, untilMs: number, blocks: ReturnType<Context['blocksOf']>): number {
  let sum = 0;
  let atMs = fromMs;
  for (const { startMs, ms } of blocks) {
    if (startMs - BEAT_MS >= untilMs) break;
    const endMs = Math.min(untilMs, startMs + ms);
    sum += Math.max(0, endMs - Math.max(atMs, startMs - BEAT_MS));
    atMs = Math.max(atMs, endMs);
  }
  return sum;
}

/** By the statements around a gap. Each two of them are normalised once. */
function openPlaces(): { between(before: Statement | undefined, after: Statement | undefined): Place; all(): Iterable<Place> } {
  const places = new Map<string, Place>();
  const known = new Map<Statement | undefined, Map<Statement | undefined, Place>>();
  const placeOf = (before: Statement | undefined, after: Statement | undefined): Place => {
    const name = `${normaliseStatement(before?.text ?? '')} → ${normaliseStatement(after?.text ?? '')}`;
    let place = places.get(name);
    if (place === undefined) places.set(name, (place = { gaps: 0, idle: [] }));
    return place;
  };
  return {
    between(before, after) {
      let byAfter = known.get(before);
      if (byAfter === undefined) known.set(before, (byAfter = new Map<Statement | undefined, Place>()));
      let place = byAfter.get(after);
      if (place === undefined) byAfter.set(after, (place = placeOf(before, after)));
      return place;
    },
    all: () => places.values(),
  };
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
