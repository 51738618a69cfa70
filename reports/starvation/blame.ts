import type { Checkout, EpisodeCause, Query, Stack } from '../model.js';
import { siteOf } from '../timeline/locate.js';
import type { Doing } from '../timeline/hold.js';
import type { Places } from '../timeline/places.js';
import { purposeOf, type Purpose } from '../timeline/purpose.js';
import { sayPlace, sayStatement, sayWait } from '../words.js';
import type { Deadlock } from './find-deadlocks.js';
import type { Leak } from './find-leaks.js';
import type { FindLockWait } from './lock-waits.js';

/** What is known of holders beyond what they do. */
export interface Suspicions {
  places: Places;
  leaks: ReadonlyMap<Checkout, Leak>;
  deadlocks: readonly Deadlock[];
  lockWaitOf: FindLockWait;
}

/** Something that kept requests waiting, and for how much of their time. */
export interface Culprit {
  cause: EpisodeCause;
  stack: Stack | null;
  /** "awaiting GET 127.0.0.1:8080/slow", "running select …". */
  doing: string;
  statement: string;
  /** Waiting time, summed over the requests that waited. */
  ms: number;
}

/** What a culprit did; a finer word than its cause, a coarser one than `doing`, which may differ each time. */
interface Deed extends Omit<Culprit, 'ms'> {
  deed: string;
  /** As `doing`, without the details that differ. */
  roughly: string;
}

/** Adds blame up by call site and by what was done there. */
export interface BlameSheet {
  add(what: Deed, ms: number): void;
  /** The most to blame first. */
  culprits(): Culprit[];
}

type Entry = Deed & { ms: number };

export function openBlameSheet(): BlameSheet {
  const byKey = new Map<string, Entry>();
  return {
    add(what, ms) {
      if (ms <= 0) return;
      const site = siteOf(what.stack);
      const key = `${what.cause} ${what.deed} ${site === null ? '' : `${site.file}:${site.line}`}`;
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, { ...what, ms });
      else {
        known.ms += ms;
        if (known.doing !== what.doing) known.doing = what.roughly;
      }
    },
    culprits() {
      const entries = [...byKey.values()].toSorted((a, b) => b.ms - a.ms || (a.doing < b.doing ? -1 : 1));
      return entries.map(({ cause, stack, doing, statement, ms }) => ({ cause, stack, doing, statement, ms }));
    },
  };
}

const KEPT: Record<Purpose, string> = { listen: 'keeping a connection for LISTEN', lock: "keeping a connection for a session's lock" };

/** What a holder is to be blamed with for one part of its hold, from `startMs` to `endMs`. */
export function blameHolder(what: Doing, checkout: Checkout, startMs: number, endMs: number, suspicions: Suspicions): Deed {
  const { places, leaks } = suspicions;
  const leak = leaks.get(checkout);
  if (leak !== undefined && startMs >= leak.sinceMs) return { ...placeless('leaked', 'holding a connection that was never released'), stack: places.ofCheckout(checkout).stack };
  if (what.doing === 'await' || what.doing === 'idle') {
    const wanted = suspicions.deadlocks.find((deadlock) => deadlock.startMs < endMs && deadlock.endMs > startMs && deadlock.holders.has(checkout))?.holders.get(checkout);
    if (wanted !== undefined) return { ...placeless('deadlocked', 'holding a connection and waiting for one more'), stack: places.ofNested(wanted).stack };
  }
  if ((what.doing === 'await' || what.doing === 'idle') && what.gap?.inTransaction !== true) {
    // What is kept on purpose is not ended by what comes next: the line that took it is the one to change.
    const purpose = purposeOf(checkout, startMs);
    if (purpose !== null) return { ...placeless('held-idle', KEPT[purpose]), stack: places.ofCheckout(checkout).stack };
  }
  switch (what.doing) {
    case 'sql':
      return blameStatement(what.query, checkout, suspicions);
    case 'await': {
      const { wait, gap } = what;
      const verb = gap.inTransaction ? 'in a transaction, awaiting' : 'awaiting';
      const doing = `${verb} ${sayWait(wait.kind, wait.detail)}`;
      return { cause: 'held-idle', stack: places.ofWait(wait, gap, checkout).stack, doing, roughly: `${verb} ${sayWait(wait.kind, '')}`, deed: verb + wait.kind, statement: '' };
    }
    case 'blocked':
      return blameBlock(what.block.stack);
    case 'idle': {
      const rests = what.gap?.inTransaction === true ? 'idle in a transaction' : 'holding a connection that it does not use';
      const doing = what.gap?.unwatched === true ? `${rests} (what it awaited was not watched)` : rests;
      return { cause: 'held-idle', stack: places.ofGap(what.gap, checkout).stack, doing, roughly: doing, deed: doing, statement: '' };
    }
    default:
      return what satisfies never;
  }
}

function blameStatement(query: Query, checkout: Checkout, { places, lockWaitOf }: Suspicions): Deed {
  const { text } = query.statement;
  const { stack } = places.ofQuery(query, checkout);
  const wait = lockWaitOf(query, checkout);
  if (wait === null) {
    const doing = `running ${sayStatement(text)}`;
    return { cause: 'slow-sql', stack, doing, roughly: doing, deed: text, statement: text };
  }
  const site = wait.blocker === null ? null : siteOf(places.ofCheckout(wait.blocker).stack);
  const roughly = `waiting for a lock: ${sayStatement(text)}`;
  return { cause: 'lock-wait', stack, doing: site === null ? roughly : `waiting for a lock of ${sayPlace(site)}: ${sayStatement(text)}`, roughly, deed: `lock ${text}`, statement: text };
}

export function blameBlock(stack: Stack | null): Deed {
  return placeless('event-loop-blocked', 'blocking the event loop', stack);
}

function placeless(cause: EpisodeCause, doing: string, stack: Stack | null = null): Deed {
  return { cause, stack, doing, roughly: doing, deed: doing, statement: '' };
}

export const BLAME_CONNECTING = placeless('connecting', 'opening connections');
export const BLAME_UNKNOWN = placeless('unknown', 'nothing that was recorded');
