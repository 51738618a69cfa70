import type { WaitKind } from '../../probes/trace/events.js';
import type { CallSite, Checkout, Gap, Query, Stack, Statement, Timeline, Wait } from '../model.js';
import { checkoutsOf } from './checkout-list.js';
import type { Nesting } from './nesting.js';
import { select, selectPositions, TRAIT } from './select.js';
import { firstAfter, isKnownWait, lastBefore, locateGap, locateQuery, locateWait, siteOf, type Location } from './locate.js';

/**
 * Where things happened, although call sites are captured only now and then under load: what was not captured has the
 * place that the same thing has elsewhere in the run, and a stack that was captured too late, further outward on the way
 * to the same wait, is completed inward. `exact` false: nothing like it was ever captured, the place is only near.
 */
export interface Places {
  ofWait(wait: Wait, gap: Gap, checkout: Checkout): Location;
  ofGap(gap: Gap | null, checkout: Checkout): Location;
  ofQuery(query: Query, checkout: Checkout): Location;
  /** Where the connection was asked for. */
  ofCheckout(checkout: Checkout): Location;
  /** Where a second connection was asked for; where that shows only a library, where it was waited for. */
  ofNested(nesting: Nesting): Location;
}

/** How often, or for how long, each place was captured for a thing. */
type Tallies = Map<string, Map<Stack, number>>;

/** Learns all places of the timeline: once through it. */
export function learnPlaces(timeline: Timeline): Places {
  const waits: Tallies = new Map();
  const gaps: Tallies = new Map();
  const queries: Tallies = new Map();
  const ways: Tallies = new Map();
  const ends = new Map<Stack | null, Map<WaitKind, Map<string, Stack | null>>>();

  const queryLessons = new Lessons(queries);
  const gapLessons = new Lessons(gaps);
  const list = checkoutsOf(timeline);
  for (const index of selectPositions(list, TRAIT.located)) {
    const checkout = list.glanceAt(index);
    const { stack, via } = checkout;
    for (const query of checkout.queries) {
      if (query.stack !== null || via === 'query') queryLessons.learn(locateQuery(query, checkout), query.statement, undefined, stack, () => queryKeys(query, checkout));
    }
    for (const gap of checkout.gaps) {
      if (gap.ended !== null) gapLessons.learn(locateGap(gap, checkout), lastBefore(checkout.queries, gap)?.statement, firstAfter(checkout.queries, gap)?.statement, stack, () => gapKeys(gap, checkout));
      for (const wait of gap.waits) {
        if (!isKnownWait(wait)) continue;
        const location = locateWait(wait, gap, checkout);
        learn(waits, location, () => waitKeys(wait, gap, checkout));
        if (location.exact && !wait.foreign) learnWay(ways, wait, location.stack);
      }
    }
  }

  queryLessons.finish();
  gapLessons.finish();

  let requests: Tallies | undefined;
  const recalled = new Map<Statement | undefined, Map<Statement | undefined, Map<Stack | null, Map<WaitKind, Map<boolean, Map<string, Location>>>>>>();

  const places: Places = {
    ofCheckout(checkout) {
      const { stack } = checkout;
      if (siteOf(stack) !== null) return { stack, exact: true };
      // Libraries that ask for a connection in their own time often send the first statement in the program's.
      const used = checkout.queries.find((query) => siteOf(query.stack) !== null)?.stack ?? null;
      const { inside } = checkout;
      if (stack !== null && (used !== null || inside === null)) return { stack: used === null ? stack : { frames: used.frames, via: stack.via }, exact: used === null };
      requests ??= learnRequests(timeline);
      const outer = inside === null ? null : siteOf(places.ofCheckout(inside).stack);
      return recall(requests, requestKeys(checkout, outer), { stack: stack ?? used, exact: false });
    },
    ofNested({ inner, outer, wait, gap }) {
      const location = places.ofCheckout(inner);
      if (siteOf(location.stack) !== null) return location;
      const waited = places.ofWait(wait, gap, outer);
      if (siteOf(waited.stack) === null) return location;
      const via = location.stack?.via ?? null;
      return via === null || waited.stack === null ? waited : { ...waited, stack: { ...waited.stack, via } };
    },
    ofWait(wait, gap, checkout) {
      const location = locateWait(wait, gap, checkout);
      const found = location.exact ? location : recallWait(wait, gap, checkout, location);
      if (wait.foreign) return found;
      const end = endOf(wait, found.stack);
      return end === null ? inApplication(found, checkout) : { stack: end, exact: true };
    },
    ofGap(gap, checkout) {
      const location = locateGap(gap, checkout);
      return inApplication(location.exact || gap === null ? location : recall(gaps, gapKeys(gap, checkout), location), checkout);
    },
    ofQuery(query, checkout) {
      const location = locateQuery(query, checkout);
      return inApplication(location.exact ? location : recall(queries, queryKeys(query, checkout), location), checkout);
    },
  };

  function endOf(wait: Wait, stack: Stack | null): Stack | null {
    const byDetail = mapIn(mapIn(ends, stack), wait.kind);
    let end = byDetail.get(wait.detail);
    if (end === undefined) byDetail.set(wait.detail, (end = innerEnd(ways.get(wayOf(wait, stack, 0)))));
    return end;
  }

  /** What is known of waits of one kind between two statements is looked up once: under load, there are very many of them. */
  function recallWait(wait: Wait, gap: Gap, checkout: Checkout, otherwise: Location): Location {
    const before = lastBefore(checkout.queries, gap)?.statement;
    const after = firstAfter(checkout.queries, gap)?.statement;
    const byAfter = mapIn(recalled, before);
    const byWhat = mapIn(mapIn(byAfter, after), checkout.stack);
    // Texts that are put together anew each time take longer to look up than those that are there.
    const byDetail = mapIn(mapIn(byWhat, wait.kind), wait.foreign);
    let known = byDetail.get(wait.detail);
    if (known === undefined) byDetail.set(wait.detail, (known = recall(waits, waitKeys(wait, gap, checkout), UNKNOWN)));
    return known === UNKNOWN ? otherwise : known;
  }

  /** Where only a library's frames are known: where the connection came from. */
  function inApplication(location: Location, checkout: Checkout): Location {
    if (siteOf(location.stack) !== null) return location;
    const { stack } = places.ofCheckout(checkout);
    return siteOf(stack) === null || stack === null ? location : { stack: { frames: stack.frames, via: location.stack?.via ?? stack.via }, exact: false };
  }
  return places;
}

const UNKNOWN: Location = { stack: null, exact: false };

function mapIn<Outer, Key, Value>(maps: Map<Outer, Map<Key, Value>>, key: Outer): Map<Key, Value> {
  let map = maps.get(key);
  if (map === undefined) maps.set(key, (map = new Map<Key, Value>()));
  return map;
}

/** Needed only for the few checkouts that are named in a report and whose stack was not captured. */
function learnRequests(timeline: Timeline): Tallies {
  const requests: Tallies = new Map();
  for (const checkout of select(timeline, TRAIT.placed)) if (siteOf(checkout.stack) !== null) learn(requests, { stack: checkout.stack, exact: true }, () => requestKeys(checkout, siteOf(checkout.inside?.stack ?? null)));
  return requests;
}

/** From the most telling to the least; the last one counts only where it is unambiguous. */
type Keys = readonly string[];

function waitKeys({ kind, detail, foreign }: Wait, gap: Gap, checkout: Checkout): Keys {
  const before = lastBefore(checkout.queries, gap)?.statement.text ?? '';
  const after = firstAfter(checkout.queries, gap)?.statement.text ?? '';
  const what = `${kind} ${foreign}`;
  const around = `${before}\0${after}`;
  const from = placeKey(checkout);
  return [`${from} ${what} ${detail}\0${around}`, `${what} ${detail}\0${around}`, `${from} ${what}\0${around}`, `${what}\0${before}`];
}

function gapKeys(gap: Gap, checkout: Checkout): Keys {
  const before = lastBefore(checkout.queries, gap)?.statement.text ?? '';
  const after = firstAfter(checkout.queries, gap)?.statement.text ?? '';
  return [`${placeKey(checkout)} ${before}\0${after}`, `${before}\0${after}`];
}

function queryKeys({ statement }: Query, checkout: Checkout): Keys {
  return [`${placeKey(checkout)} ${statement.text}`, statement.text];
}

/** One that was never served has no statement: then only who asked for it tells. */
function requestKeys({ pool, via, inside, queries }: Checkout, outer: CallSite | null): Keys {
  const from = `${pool?.id ?? ''} ${via} ${inside === null ? '' : outer === null ? 'inside' : `${outer.file}:${outer.line}`}`;
  const texts = queries.slice(0, 2).map(({ statement }) => statement.text);
  return [`${from} ${texts.join('\0')}`, `${from} ${texts[0] ?? ''}`, from];
}

function placeKey({ stack }: Checkout): string {
  const site = siteOf(stack);
  return site === null ? '' : `${site.file}:${site.line}`;
}

function learn(tallies: Tallies, { stack, exact }: Location, keysOf: () => Keys): void {
  if (!exact || stack === null) return;
  for (const key of keysOf()) add(tallies, key, stack, 1);
}

/** What was captured again and again for the same statements and stacks. Its keys, long texts, are made once for all of it. */
class Lessons {
  readonly #known = new Map<Stack, Map<Statement | undefined, Map<Statement | undefined, Map<Stack | null, Lesson>>>>();
  readonly #all: Lesson[] = [];

  constructor(private readonly tallies: Tallies) {}

  /** @param from the stack of the checkout; this and the statements decide what the keys are. */
  learn({ stack, exact }: Location, before: Statement | undefined, after: Statement | undefined, from: Stack | null, keysOf: () => Keys): void {
    if (!exact || stack === null) return;
    const known = mapIn(mapIn(mapIn(this.#known, stack), before), after);
    const lesson = known.get(from);
    if (lesson !== undefined) {
      lesson.again += 1;
      return;
    }
    const keys = keysOf();
    const first: Lesson = { stack, keys, again: 0 };
    known.set(from, first);
    this.#all.push(first);
    // Of places that were captured equally often, the first one counts.
    for (const key of keys) add(this.tallies, key, stack, 1);
  }

  finish(): void {
    for (const { stack, keys, again } of this.#all) for (const key of keys) add(this.tallies, key, stack, again);
  }
}

interface Lesson {
  stack: Stack;
  keys: Keys;
  /** How often after the first time. */
  again: number;
}

function add(tallies: Tallies, key: string, stack: Stack, amount: number): void {
  let tally = tallies.get(key);
  if (tally === undefined) tallies.set(key, (tally = new Map<Stack, number>()));
  tally.set(stack, (tally.get(stack) ?? 0) + amount);
}

function recall(tallies: Tallies, keys: Keys, otherwise: Location): Location {
  for (const [index, key] of keys.entries()) {
    const tally = tallies.get(key);
    if (tally === undefined) continue;
    const ranked = [...tally].toSorted((a, b) => b[1] - a[1]).map(([stack]) => stack);
    const [stack, ...others] = ranked;
    if (stack === undefined) continue;
    if (index < keys.length - 1 || others.every((other) => isSamePlace(other, stack))) return { stack, exact: true };
  }
  return otherwise;
}

/** Notes a stack under each way that leads to it from outside: its frames without the innermost none, one, two, … */
function learnWay(ways: Tallies, wait: Wait, stack: Stack | null): void {
  if (stack === null) return;
  for (let skip = 0; skip < stack.frames.length; skip += 1) add(ways, wayOf(wait, stack, skip), stack, wait.ms);
}

/** The deepest stack on a way; of several, the one with the most time. */
function innerEnd(tally: ReadonlyMap<Stack, number> | undefined): Stack | null {
  return [...(tally ?? [])].toSorted((a, b) => b[0].frames.length - a[0].frames.length || b[1] - a[1])[0]?.[0] ?? null;
}

/**
 * Line by line; of an HTTP request, function by function: asking and then reading the answer are two lines, and one wait
 * for one service, which is placed where it takes longest.
 */
function wayOf({ kind, detail }: Wait, stack: Stack | null, skip: number): string {
  const byFunction = kind === 'http' && detail !== '';
  const frames = (stack?.frames ?? []).slice(skip);
  return [kind, byFunction ? detail : '', ...frames.map((frame) => (byFunction && frame.function !== '' ? `${frame.file}#${frame.function}` : `${frame.file}:${frame.line}`))].join('<');
}

function isSamePlace(a: Stack, b: Stack): boolean {
  const [left, right] = [siteOf(a), siteOf(b)];
  return left?.file === right?.file && left?.line === right?.line;
}
