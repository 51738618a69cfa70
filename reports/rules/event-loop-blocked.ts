import { adviseBlocked } from '../advice/event-loop-blocked.js';
import { isDeep } from '../deep/model.js';
import type { CallSite, Checkout, Recording } from '../model.js';
import { firstBlockAfter } from '../timeline/hold.js';
import { siteOf } from '../timeline/locate.js';
import { select, TRAIT } from '../timeline/select.js';
import { sayFunction, sayMs, sayTimes } from '../words.js';
import type { Group } from './group.js';
import type { Context, Rule } from './rule.js';

type Block = Recording['blocked'][number];

const YES = 'yes';
const AGAIN = 3;
/** The shortest block that a trace has is as long. */
const OWN_MS = 50;
/** A block that ends this shortly before its trace is the last that was heard of the process. */
const LAST_MS = 500;

/** Synchronous work keeps the event loop from turning while connections are held or waited for. */
export const eventLoopBlocked: Rule = {
  id: 'event-loop-blocked',
  sharesUse: false,
  *offences(context: Context) {
    const harms = findHarm(context);
    for (const recording of context.timeline.recordings) {
      for (const [block, { checkout, ms, held, waiting }] of harms.get(recording) ?? []) {
        // A machine with too much to do is nobody's line.
        const ownMs = ms - (block.starvedMs ?? 0);
        if (ownMs < OWN_MS) continue;
        yield {
          checkout,
          startMs: block.startMs,
          ms: ownMs,
          stack: block.stack,
          shape: '',
          statement: '',
          statements: [],
          words: { held: String(held), waiting: String(waiting), frozen: isLast(block, recording, context) ? YES : 'no', late: block.late === true ? YES : 'no' },
        };
      }
    }
  },
  isFinding: (group, { limits }) => group.totalMs >= limits.blockedMs,
  severity(group, context) {
    const { limits } = context;
    if (isFrozen(group)) return 'error';
    // In deep mode most of it is the collecting of stacks.
    if (group.lastCheckout !== null && isDeep(context.recordingOf(group.lastCheckout))) return 'note';
    // Without a sample it may be anything, a busy machine too; and one sample may be where the machine was busy.
    return group.site !== null && (group.maxMs >= limits.blockedOnceMs || countSeen(group.site, context) >= AGAIN) ? 'warning' : 'note';
  },
  title(group) {
    const { held, waiting } = numbersOf(group);
    const who = group.site === null ? 'Something' : sayFunction(group.site);
    const others = waiting === 0 ? '' : ` and ${waiting} waited for`;
    const effect = `while up to ${held} connection${held === 1 ? ' was' : 's were'} held${others}`;
    if (isFrozen(group)) return `${who} froze the process for ${sayMs(group.maxMs)}, until the recording ended, ${effect}`;
    const total = group.count === 1 ? `for ${sayMs(group.maxMs)}` : `${sayTimes(group.count)}, up to ${sayMs(group.maxMs)}`;
    return `${who} blocked the event loop ${total}, ${effect}`;
  },
  advice: (group) => adviseBlocked(siteOf(group.stack) !== null, isFrozen(group)),
  facts(group, { limits }) {
    const { held, waiting } = numbersOf(group);
    return { limitMs: limits.blockedMs, heldMax: held, waitingMax: waiting, frozen: isFrozen(group), placeKnown: group.site !== null, sampledLate: group.words.get('late')?.get(YES)?.count ?? 0 };
  },
};

/** How often the line was seen to block, at times when it did nobody harm too: that makes it no chance. */
function countSeen({ file, line }: CallSite, { timeline }: Context): number {
  let seen = 0;
  for (const { blocked } of timeline.recordings) {
    for (const { stack, ms, starvedMs = 0 } of blocked) {
      const site = siteOf(stack);
      if (site?.file === file && site.line === line && ms - starvedMs >= OWN_MS) seen += 1;
    }
  }
  return seen;
}

interface Harm {
  /** Of those that it overlaps with, the one that it took the most time of. */
  checkout: Checkout;
  ms: number;
  held: number;
  waiting: number;
}

/** Blocks that overlap with holds, or with requests that were never served; opening the first connections is no harm. */
function findHarm(context: Context): Map<Recording, Map<Block, Harm>> {
  const harms = new Map<Recording, Map<Block, Harm>>(context.timeline.recordings.map((recording) => [recording, new Map<Block, Harm>()]));
  if (context.timeline.recordings.every(({ blocked }) => blocked.length === 0)) return harms;
  for (const checkout of select(context.timeline, TRAIT.blocked)) {
    const blocked = context.blocksOf(checkout);
    const first = firstBlockAfter(blocked, checkout.requestedMs);
    if (first === blocked.length) continue;
    const endMs = context.endOf(checkout);
    if ((blocked[first] as Block).startMs >= endMs || checkout.via === 'client') continue;
    const harm = harms.get(context.recordingOf(checkout)) as Map<Block, Harm>;
    const heldMs = checkout.acquiredMs ?? Infinity;
    for (let index = first; index < blocked.length; index += 1) {
      const block = blocked[index] as Block;
      if (block.startMs >= endMs) break;
      const fromMs = checkout.acquiredMs === null ? checkout.requestedMs : heldMs;
      const ms = Math.min(endMs, block.startMs + block.ms) - Math.max(fromMs, block.startMs);
      if (ms <= 0) continue;
      const known = harm.get(block);
      const isHeld = checkout.acquiredMs !== null;
      if (known === undefined) harm.set(block, { checkout, ms, held: isHeld ? 1 : 0, waiting: isHeld ? 0 : 1 });
      else {
        if (isHeld) known.held += 1;
        else known.waiting += 1;
        if (ms > known.ms) Object.assign(known, { checkout, ms });
      }
    }
  }
  return harms;
}

function isLast(block: Block, { complete, endMs }: Recording, { limits }: Context): boolean {
  return !complete && block.ms >= limits.frozenMs && (block.open === true || block.startMs + block.ms >= endMs - LAST_MS);
}

function isFrozen(group: Group): boolean {
  return group.words.get('frozen')?.has(YES) === true;
}

function numbersOf(group: Group): { held: number; waiting: number } {
  const greatest = (name: string): number => Math.max(0, ...[...(group.words.get(name)?.keys() ?? [])].map(Number));
  return { held: greatest('held'), waiting: greatest('waiting') };
}
