import type { Checkout } from '../model.js';

/**
 * What is known of checkouts without looking into them, as bits. A rule that looks for one among a million selects those that
 * it may be, and looks at these: `for (const checkout of select(timeline.checkouts, TRAIT.waits)) …`
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

const known = new WeakMap<readonly Checkout[], () => Uint16Array>();

/** Makes the traits of checkouts known, one number each; asked for when first needed. */
export function knowTraits(checkouts: readonly Checkout[], traitsOf: () => Uint16Array): void {
  let traits: Uint16Array | undefined;
  known.set(checkouts, () => (traits ??= traitsOf()));
}

/** Those that have one of the traits, in their order; all where nothing is known of them. */
export function select(checkouts: readonly Checkout[], traits: number): readonly Checkout[] {
  const own = known.get(checkouts)?.();
  if (own === undefined) return checkouts;
  const selected: Checkout[] = [];
  for (let index = 0; index < own.length; index += 1) if (((own[index] as number) & traits) !== 0) selected.push(checkouts[index] as Checkout);
  return selected;
}

/** Those in which something may have lasted for `ms`. */
export function selectLasting(checkouts: readonly Checkout[], ms: number): readonly Checkout[] {
  return ms >= LASTING_MS ? select(checkouts, TRAIT.lasting) : checkouts;
}
