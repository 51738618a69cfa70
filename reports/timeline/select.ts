import type { Checkout, Timeline } from '../model.js';
import { checkoutsOf, type CheckoutList } from './checkout-list.js';

/**
 * What is known of checkouts without looking into them, as bits. A rule that looks for one among a million selects those that
 * it may be, and looks at these: `for (const checkout of select(timeline, TRAIT.waits)) …`
 */
export const TRAIT = {
  /** After one of its statements a transaction was open. */
  transaction: 1,
  /** After its last statement a transaction was open, or may have been. */
  leftOpen: 2,
  /** One of its gaps has waits. */
  waits: 4,
  /** There is a stack of something in it, or of a `pool.query` as a whole. */
  located: 8,
  /** A statement queued on its client. */
  queued: 16,
  /** So many statements that some may repeat: MANY at least. */
  many: 32,
  /** Its flow held another one already. */
  nested: 64,
  /** It had not ended when the trace did. */
  open: 128,
  /** It, or something in it, lasted for LASTING_MS at least, or may have. */
  lasting: 256,
  /** It was not served within a millisecond. */
  waited: 512,
  /** There is a stack of its request. */
  placed: 1024,
  /** The event loop was blocked while it waited or was held. */
  blocked: 2048,
} as const;

export const MANY = 8;
export const LASTING_MS = 40;
export const WAITED_MS = 1;

/** Those that have one of the traits, in their order; all where nothing is known of them. */
export function select(timeline: Timeline, traits: number): readonly Checkout[] {
  const list = checkoutsOf(timeline);
  return list.traits === null ? timeline.checkouts : Array.from(selectPositions(list, traits), (index) => list.at(index));
}

/** Their positions. */
export function selectPositions({ traits, length }: CheckoutList, wanted: number): Iterable<number> {
  if (traits === null) return Array(length).keys();
  let count = 0;
  for (let index = 0; index < length; index += 1) if (((traits[index] as number) & wanted) !== 0) count += 1;
  const positions = new Uint32Array(count);
  for (let index = 0, at = 0; at < count; index += 1) if (((traits[index] as number) & wanted) !== 0) positions[at++] = index;
  return positions;
}

/** Those in which something may have lasted for `ms`. */
export function selectLasting(timeline: Timeline, ms: number): readonly Checkout[] {
  return ms >= LASTING_MS ? select(timeline, TRAIT.lasting) : timeline.checkouts;
}
