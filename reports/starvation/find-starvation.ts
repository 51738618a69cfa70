import { lastAtOrBefore, partitionPoint } from '../binary-search.js';
import type { Checkout, EpisodeCause, Pool, Timeline } from '../model.js';
import { groupByPool } from '../timeline/by-pool.js';
import { checkoutsOf, type CheckoutList } from '../timeline/checkout-list.js';
import { visitHold } from '../timeline/hold.js';
import { select, TRAIT, WAITED_MS } from '../timeline/select.js';
import { BLAME_CONNECTING, BLAME_UNKNOWN, blameBlock, blameHolder, openBlameSheet, type BlameSheet, type Culprit, type Suspicions } from './blame.js';
import { weighWaiting, type Weights } from './weights.js';

/** Starved requests that are closer together than this belong to one episode. */
const SAME_EPISODE_MS = 1000;

/** A time in which requests waited too long for a connection of one pool. */
export interface Starvation {
  pool: Pool;
  startMs: number;
  endMs: number;
  cause: EpisodeCause;
  pendingMax: number;
  /** The requests that waited too long, or in vain. */
  starved: Checkout[];
  /** The most to blame first; their `ms` add up to `waitedMs`. */
  culprits: Culprit[];
  /** All waiting time in the episode, summed over the requests. */
  waitedMs: number;
}

/** All episodes of all pools, by start. A request starves when it waits for `limitMs` or is turned away by a timeout. */
export function findStarvation(timeline: Timeline, limitMs: number, suspicions: Suspicions): Starvation[] {
  const waited = groupByPool(limitMs < WAITED_MS ? timeline.checkouts : select(timeline, TRAIT.waited));
  const found: Starvation[] = [];
  for (const [pool, checkouts] of checkoutsOf(timeline).byPool) {
    const starved = (waited.get(pool) ?? []).filter((checkout) => starves(checkout, limitMs));
    if (pool !== null && starved.length > 0) found.push(...blameEpisodes(timeline, pool, checkouts, splitEpisodes(pool, starved), suspicions));
  }
  return found.toSorted((a, b) => a.startMs - b.startMs);
}

function starves(checkout: Checkout, limitMs: number): boolean {
  if (checkout.outcome === 'failed') return false;
  return checkout.outcome === 'timeout' || waitEnd(checkout) - checkout.requestedMs >= limitMs;
}

/** When a request stopped waiting; at the end of the trace for one that still did. */
export function waitEnd({ acquiredMs, endedMs, requestedMs, pool }: Checkout): number {
  return acquiredMs ?? endedMs ?? Math.max(requestedMs, pool?.recording.endMs ?? requestedMs);
}

function splitEpisodes(pool: Pool, starved: readonly Checkout[]): Starvation[] {
  const episodes: Starvation[] = [];
  for (const checkout of starved.toSorted((a, b) => a.requestedMs - b.requestedMs)) {
    const endMs = waitEnd(checkout);
    const last = episodes.at(-1);
    if (last !== undefined && checkout.requestedMs - last.endMs < SAME_EPISODE_MS) {
      last.starved.push(checkout);
      last.endMs = Math.max(last.endMs, endMs);
    } else {
      const startMs = checkout.requestedMs;
      episodes.push({ pool, startMs, endMs, cause: 'unknown', pendingMax: 0, starved: [checkout], culprits: [], waitedMs: 0 });
    }
  }
  return episodes;
}

/** `episodes` are sorted and do not overlap. */
function blameEpisodes(timeline: Timeline, pool: Pool, checkouts: CheckoutList, episodes: Starvation[], suspicions: Suspicions): Starvation[] {
  const weights = weighWaiting(timeline, pool, episodes.flatMap(({ startMs, endMs }) => [startMs, endMs]));
  const sheets = episodes.map(openBlameSheet);
  const addWithin = (startMs: number, endMs: number, add: (sheet: BlameSheet, fromMs: number, untilMs: number) => void): void => {
    for (let index = firstEndingAfter(episodes, startMs); index < episodes.length; index += 1) {
      const episode = episodes[index] as Starvation;
      if (episode.startMs >= endMs) break;
      add(sheets[index] as BlameSheet, Math.max(startMs, episode.startMs), Math.min(endMs, episode.endMs));
    }
  };
  const { length, times } = checkouts;
  for (let index = 0; index < length; index += 1) {
    const acquiredMs = times.acquiredMs[index] as number;
    if (Number.isNaN(acquiredMs)) continue;
    const endedMs = times.endedMs[index] as number;
    const endMs = Number.isNaN(endedMs) ? pool.recording.endMs : endedMs;
    const next = episodes[firstEndingAfter(episodes, acquiredMs)];
    if (next === undefined || next.startMs >= endMs) continue;
    const checkout = checkouts.at(index);
    // Blocked time has no holder's weight: `blocked` below has it, once.
    visitHold(checkout, endMs, [], (what, startMs, untilMs) => {
      addWithin(startMs, untilMs, (sheet, a, b) => sheet.add(blameHolder(what, checkout, startMs, untilMs, suspicions), weights.holderAt(b) - weights.holderAt(a)));
    });
  }
  for (const block of pool.recording.blocked) {
    addWithin(block.startMs, block.startMs + block.ms, (sheet, a, b) => sheet.add(blameBlock(block.stack), weights.at('blocked', b) - weights.at('blocked', a)));
  }
  for (const [index, episode] of episodes.entries()) finish(episode, sheets[index] as BlameSheet, weights);
  return episodes;
}

function finish(episode: Starvation, sheet: BlameSheet, weights: Weights): void {
  const { startMs, endMs } = episode;
  const between = (part: 'pending' | 'connecting' | 'unknown'): number => weights.at(part, endMs) - weights.at(part, startMs);
  sheet.add(BLAME_CONNECTING, between('connecting'));
  sheet.add(BLAME_UNKNOWN, between('unknown'));
  episode.culprits = sheet.culprits();
  episode.waitedMs = between('pending');
  episode.cause = mainCause(episode.culprits);
  const { atMs, pending } = weights.series;
  for (let step = Math.max(0, lastAtOrBefore(atMs, startMs)); (atMs[step] ?? Infinity) < endMs; step += 1) episode.pendingMax = Math.max(episode.pendingMax, pending[step] ?? 0);
}

/** The cause that accounts for the most waiting time. */
export function mainCause(culprits: readonly Culprit[]): EpisodeCause {
  const sums = new Map<EpisodeCause, number>();
  for (const { cause, ms } of culprits) sums.set(cause, (sums.get(cause) ?? 0) + ms);
  return [...sums].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 'unknown';
}

function firstEndingAfter(episodes: readonly Starvation[], ms: number): number {
  return partitionPoint(episodes.length, (index) => (episodes[index] as Starvation).endMs <= ms);
}
