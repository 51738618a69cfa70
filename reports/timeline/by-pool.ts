import type { Checkout, Pool } from '../model.js';

const known = new WeakMap<readonly Checkout[], ReadonlyMap<Pool | null, Checkout[]>>();

/** Checkouts by their pool, in their order; grouped once. */
export function groupByPool(checkouts: readonly Checkout[]): ReadonlyMap<Pool | null, Checkout[]> {
  const before = known.get(checkouts);
  if (before !== undefined) return before;
  const groups = new Map<Pool | null, Checkout[]>();
  for (const checkout of checkouts) {
    const { pool } = checkout;
    const group = groups.get(pool);
    if (group === undefined) groups.set(pool, [checkout]);
    else group.push(checkout);
  }
  known.set(checkouts, groups);
  return groups;
}
