import { partitionPoint } from '../binary-search.js';
import type { Checkout, Decomposition, Gap, Query, Recording, Wait } from '../model.js';
import { isKnownWait } from './locate.js';

type Block = Recording['blocked'][number];

/** What a held connection does at a time: one part of the partition of its hold. */
export type Doing =
  | { doing: 'sql'; query: Query }
  | { doing: 'await'; wait: Wait; gap: Gap }
  | { doing: 'blocked'; block: Block }
  | { doing: 'idle'; gap: Gap | null };

export type VisitHold = (what: Doing, startMs: number, endMs: number) => void;

/**
 * A reply that is processed this soon after the event loop turned again had been lying in the socket: the time before
 * was the block's, not the statement's.
 */
const REPLY_LAY_MS = 5;

/**
 * Visits a hold from its acquire to `endMs`, part by part: in order, without overlap, without a hole.
 * `blocks` are those of the checkout's process, sorted by start; where one overlaps with a wait or with idle time it
 * takes that time, as nothing could have gone on.
 */
export function visitHold(checkout: Checkout, endMs: number, blocks: readonly Block[], visit: VisitHold): void {
  const { acquiredMs } = checkout;
  if (acquiredMs === null) return;
  const { gaps } = checkout;
  const isBlocked = (blocks[firstBlockAfter(blocks, acquiredMs)]?.startMs ?? Infinity) < endMs;
  const cut = isBlocked ? cutBlocks(blocks, visit) : visit;
  let gapIndex = 0;
  let atMs = acquiredMs;
  for (const query of checkout.queries) {
    const queryStartMs = query.startMs;
    const startMs = Math.min(queryStartMs, endMs);
    if (startMs > atMs) {
      if (visitGap(gaps[gapIndex], atMs, startMs, cut)) gapIndex += 1;
      atMs = startMs;
    }
    const queryEndMs = Math.min(queryStartMs + query.ms, endMs);
    if (queryEndMs <= atMs) continue;
    cut({ doing: 'sql', query }, atMs, queryEndMs);
    atMs = queryEndMs;
  }
  if (endMs > atMs) visitGap(gaps[gapIndex], atMs, endMs, cut);
}

/**
 * Visits the time between two statements.
 * @param gap the next one of the checkout.
 * @returns whether it lies there.
 */
function visitGap(gap: Gap | undefined, startMs: number, untilMs: number, visit: VisitHold): boolean {
  if (gap === undefined || gap.startMs >= untilMs) {
    // Too short to be a gap, and yet a part of the sum.
    visit({ doing: 'idle', gap: null }, startMs, untilMs);
    return false;
  }
  const idle: Doing = { doing: 'idle', gap };
  let fromMs = startMs;
  for (const wait of gap.waits) {
    if (!isKnownWait(wait)) continue;
    if (wait.startMs > fromMs) visit(idle, fromMs, wait.startMs);
    const waitEndMs = Math.min(wait.startMs + wait.ms, untilMs);
    if (waitEndMs > wait.startMs) visit({ doing: 'await', wait, gap }, Math.max(wait.startMs, fromMs), waitEndMs);
    fromMs = Math.max(fromMs, waitEndMs);
  }
  if (untilMs > fromMs) visit(idle, fromMs, untilMs);
  return true;
}

function cutBlocks(blocks: readonly Block[], visit: VisitHold): VisitHold {
  return (what, startMs, endMs) => {
    let atMs = startMs;
    for (let index = firstBlockAfter(blocks, startMs); index < blocks.length; index += 1) {
      const block = blocks[index] as Block;
      if (block.startMs >= endMs) break;
      const blockEndMs = block.startMs + block.ms;
      if (what.doing === 'sql' && endMs > blockEndMs + REPLY_LAY_MS) continue;
      const fromMs = Math.max(block.startMs, atMs);
      const untilMs = Math.min(blockEndMs, endMs);
      if (untilMs <= fromMs) continue;
      if (fromMs > atMs) visit(what, atMs, fromMs);
      visit({ doing: 'blocked', block }, fromMs, untilMs);
      atMs = untilMs;
    }
    if (endMs > atMs) visit(what, atMs, endMs);
  };
}

/** Position of the first block that ends after `ms`. Blocks do not overlap: they end in the order in which they begin. */
export function firstBlockAfter(blocks: readonly Block[], ms: number): number {
  return partitionPoint(blocks.length, (index) => {
    const block = blocks[index] as Block;
    return block.startMs + block.ms <= ms;
  });
}

/**
 * Where a hold's time went, until `endMs`; the parts add up to the hold.
 * @param isLost nobody waits for anything with it in the end, whatever the process around it was seen to wait for.
 */
export function decomposeHold(checkout: Checkout, endMs: number, blocks: readonly Block[], isLost = false): Decomposition {
  const sums = { sql: 0, await: 0, blocked: 0, idle: 0 };
  visitHold(checkout, endMs, blocks, (what, startMs, untilMs) => {
    const doing = isLost && what.doing === 'await' && what.gap.open ? 'idle' : what.doing;
    sums[doing] += untilMs - startMs;
  });
  const holdMs = checkout.acquiredMs === null ? 0 : Math.max(0, endMs - checkout.acquiredMs);
  return { holdMs, sqlMs: sums.sql, awaitMs: sums.await, blockedMs: sums.blocked, idleMs: sums.idle };
}
