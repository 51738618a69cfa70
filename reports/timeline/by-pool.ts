import type { Checkout, Pool } from '../model.js';

/** Checkouts by their pool, in their order. */
export function groupByPool(checkouts: readonly Checkout[]): Map<Pool | null, Checkout[]> {
  const groups = new Map<Pool | null, Checkout[]>();
  for (const checkout of checkouts) {
    const group = groups.get(checkout.pool);
    if (group === undefined) groups.set(checkout.pool, [checkout]);
    else group.push(checkout);
  }
  return groups;
}
