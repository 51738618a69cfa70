import type { Checkout, Pool } from '../model.js';

const known = new WeakMap<readonly Checkout[], ReadonlyMap<Pool | null, Checkout[]>>();

/** Checkouts by their pool, in their order; grouped once. */
export function groupByPool(checkouts: readonly Checkout[]): ReadonlyMap<Pool | null, Checkout[]> {
  const before = known.get(checkouts);
  if (before !== undefined) return before;
  // Lists of the right length from the start: one that grows is copied again and again.
  const sizes = new Map<Pool | null, number>();
  for (const { pool } of checkouts) sizes.set(pool, (sizes.get(pool) ?? 0) + 1);
  const groups = new Map([...sizes].map(([pool, length]) => [pool, { list: Array.from<Checkout>({ length }), used: 0 }]));
  for (const checkout of checkouts) {
    const group = groups.get(checkout.pool);
    if (group !== undefined) group.list[group.used++] = checkout;
  }
  const lists = new Map([...groups].map(([pool, { list }]) => [pool, list]));
  known.set(checkouts, lists);
  return lists;
}
