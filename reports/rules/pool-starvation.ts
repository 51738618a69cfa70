import { adviseStarvation } from '../advice/pool-starvation.js';
import type { EpisodeCause, Finding, Pool } from '../model.js';
import { mainCause, waitEnd, type Starvation } from '../starvation/find-starvation.js';
import type { Culprit } from '../starvation/blame.js';
import { siteOf } from '../timeline/locate.js';
import { sayFunction, sayMany, sayMs, sayPlace, sayShare } from '../words.js';
import type { Group } from './group.js';
import type { Context, Rule } from './rule.js';

const CULPRITS = 5;
const BLOCKED_AGAIN = 3;
/**
 * A pool that is busy with SQL does its work, and any machine has its slow moments: only what adds up to more is a fault,
 * sooner where one statement has so large a share of the blame, for then it is slow, and not just the machine.
 */
const BUSY_MS = 5000;
const SLOW_STATEMENT = { share: 1 / 3, busyMs: 1000 };

/** Requests wait too long for a connection, or are turned away. One finding a pool, at the line that holds it the most. */
export const poolStarvation: Rule = {
  id: 'pool-starvation',
  sharesUse: false,
  *offences(context: Context) {
    for (const [pool, { episodes, culprits }] of byPool(context.starvation())) {
      const top = culprits[0];
      for (const checkout of episodes.flatMap(({ starved }) => starved)) {
        yield {
          checkout,
          startMs: checkout.requestedMs,
          ms: waitEnd(checkout) - checkout.requestedMs,
          stack: top?.stack ?? pool.madeAt,
          shape: top?.cause ?? 'unknown',
          statement: top?.statement ?? '',
          statements: top === undefined || top.statement === '' ? [] : [top.statement],
          words: { outcome: checkout.outcome ?? 'open' },
        };
      }
    }
  },
  isFinding(group, { limits }) {
    // A deadlock is a finding of its own, with all who waited.
    if (group.shape === 'deadlocked') return false;
    return group.shape !== 'connecting' || timeouts(group) > 0 || group.maxMs >= limits.connectingWaitMs;
  },
  severity(group, context) {
    // A request that was turned away is a failure that a user saw.
    if (timeouts(group) > 0) return 'error';
    if (group.shape === 'event-loop-blocked') return isBlockedAgain(group, context) ? 'warning' : 'note';
    if (group.shape === 'slow-sql') return isBusyForLong(group, context) ? 'warning' : 'note';
    return group.shape === 'connecting' || group.shape === 'unknown' ? 'note' : 'warning';
  },
  title(group, _share, context) {
    const failed = timeouts(group);
    const who = failed === 0 ? `${sayMany(group.count, 'request')} waited` : `${sayMany(group.count, 'request')} waited (${failed} in vain)`;
    const max = Math.max(...[...group.pools].map((pool) => pool?.max ?? 0));
    const what = max === 1 ? "the pool's only connection" : `one of the pool's ${max} connections`;
    return `${who} up to ${sayMs(group.maxMs)} for ${what}; ${explain(culpritsOf(group, context))}`;
  },
  advice: (group) => adviseStarvation(group.shape as EpisodeCause),
  facts(group, context) {
    const episodes = episodesOf(group, context);
    const facts: Finding['evidence']['facts'] = {
      cause: group.shape,
      episodes: episodes.length,
      starvedMs: episodes.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
      pendingMax: Math.max(...episodes.map(({ pendingMax }) => pendingMax)),
      timeouts: timeouts(group),
      limitMs: context.limits.starvationWaitMs,
    };
    const culprits = culpritsOf(group, context);
    const waitedMs = culprits.reduce((sum, { ms }) => sum + ms, 0);
    for (const [index, culprit] of culprits.slice(0, CULPRITS).entries()) facts[`blame${index + 1}`] = sayCulprit(culprit, waitedMs);
    return facts;
  },
};

/** What is left of a shorter block without the time for which the machine had no processor is nothing to speak of. */
const OWN_MS = 50;

/** One block, and those whose place is not known, may be a machine with too much to do. */
function isBlockedAgain(group: Group, context: Context): boolean {
  const { limits } = context;
  const site = siteOf(culpritsOf(group, context)[0]?.stack ?? null);
  if (site === null) return false;
  const episodes = episodesOf(group, context);
  const recordings = new Set([...group.pools].map((pool) => pool?.recording));
  const blocks = [...recordings].flatMap((recording) => recording?.blocked ?? []).filter((block) => episodes.some(({ startMs, endMs }) => block.startMs < endMs && block.startMs + block.ms > startMs));
  const here = blocks.filter(({ stack, ms, starvedMs = 0 }) => ms - starvedMs >= OWN_MS && siteOf(stack)?.file === site.file && siteOf(stack)?.line === site.line);
  return here.length >= BLOCKED_AGAIN || here.some(({ ms, starvedMs = 0 }) => ms - starvedMs >= limits.blockedOnceMs);
}

function timeouts(group: Group): number {
  return group.words.get('outcome')?.get('timeout')?.count ?? 0;
}

function byPool(starvation: readonly Starvation[]): Map<Pool, { episodes: Starvation[]; culprits: Culprit[] }> {
  const pools = new Map<Pool, { episodes: Starvation[]; culprits: Culprit[] }>();
  for (const pool of new Set(starvation.map((episode) => episode.pool))) {
    const episodes = starvation.filter((episode) => episode.pool === pool);
    pools.set(pool, { episodes, culprits: mergeCulprits(episodes) });
  }
  return pools;
}

/** The same cause at the same place in several episodes; the main cause's own culprits first. */
function mergeCulprits(episodes: readonly Starvation[]): Culprit[] {
  const merged = new Map<string, Culprit>();
  for (const culprit of episodes.flatMap(({ culprits }) => culprits)) {
    const site = siteOf(culprit.stack);
    const key = `${culprit.cause} ${site === null ? '' : sayPlace(site)} ${culprit.doing}`;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { ...culprit });
    else known.ms += culprit.ms;
  }
  const culprits = [...merged.values()];
  const cause = mainCause(culprits);
  return culprits.toSorted((a, b) => Number(b.cause === cause) - Number(a.cause === cause) || b.ms - a.ms || (a.doing < b.doing ? -1 : 1));
}

function episodesOf(group: Group, context: Context): Starvation[] {
  return context.starvation().filter(({ pool }) => group.pools.has(pool));
}

function isBusyForLong(group: Group, context: Context): boolean {
  const culprits = culpritsOf(group, context);
  const share = (culprits[0]?.ms ?? 0) / culprits.reduce((sum, { ms }) => sum + ms, 0);
  return waitingMs(episodesOf(group, context)) >= (share >= SLOW_STATEMENT.share ? SLOW_STATEMENT.busyMs : BUSY_MS);
}

/** For how long somebody waited who waited too long. */
function waitingMs(episodes: readonly Starvation[]): number {
  let sumMs = 0;
  for (const { starved } of episodes) {
    let untilMs = 0;
    // By the time at which they asked.
    for (const checkout of starved) {
      const endMs = waitEnd(checkout);
      sumMs += Math.max(0, endMs - Math.max(untilMs, checkout.requestedMs));
      untilMs = Math.max(untilMs, endMs);
    }
  }
  return sumMs;
}

function culpritsOf(group: Group, context: Context): Culprit[] {
  return mergeCulprits(episodesOf(group, context));
}

function explain(culprits: readonly Culprit[]): string {
  const [top] = culprits;
  if (top === undefined) return 'nothing that was recorded says why';
  const waitedMs = culprits.reduce((sum, { ms }) => sum + ms, 0);
  const share = `${sayShare(waitedMs > 0 ? top.ms / waitedMs : 0)} of that`;
  const site = siteOf(top.stack);
  switch (top.cause) {
    case 'connecting':
      return `${share} while connections were being opened`;
    case 'event-loop-blocked':
      return `${share} because ${sayFunction(site)} blocked the event loop`;
    case 'unknown':
      return `${share} for reasons that were not recorded`;
    default:
      return `${share} because of ${sayFunction(site)}: ${top.doing}`;
  }
}

function sayCulprit({ stack, doing, ms }: Culprit, waitedMs: number): string {
  const site = siteOf(stack);
  return `${sayShare(waitedMs > 0 ? ms / waitedMs : 0)} ${doing}${site === null ? '' : ` at ${sayPlace(site)}`}`;
}
