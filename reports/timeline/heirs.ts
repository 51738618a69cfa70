import type { Checkout, Connection, Timeline } from '../model.js';
import { checkoutsOf } from './checkout-list.js';
import { leavesOpen } from './mark-inherited.js';
import { select, TRAIT } from './select.js';

/** How many later checkouts worked in the transaction that a checkout left open on its connection. */
export function countHeirs(timeline: Timeline): Map<Checkout, number> {
  const heirs = new Map<Checkout, number>();
  const dirty = new Set<Connection>();
  for (const checkout of select(timeline, TRAIT.leftOpen)) {
    if (!leavesOpen(checkout) || checkout.connection === null) continue;
    dirty.add(checkout.connection);
    if (checkout.transactions.at(-1)?.inherited !== true) heirs.set(checkout, 0);
  }
  const last = new Map<Connection, Checkout>();
  const holds = heirs.size === 0 ? [] : checkoutsOf(timeline).onConnections(dirty);
  for (const checkout of holds.toSorted((a, b) => (a.acquiredMs ?? 0) - (b.acquiredMs ?? 0))) {
    const connection = checkout.connection as Connection;
    const leaver = last.get(connection);
    if (leaver !== undefined && checkout.queries.length > 0) heirs.set(leaver, (heirs.get(leaver) ?? 0) + 1);
    if (heirs.has(checkout)) last.set(connection, checkout);
    else if (!leavesOpen(checkout)) last.delete(connection);
  }
  return heirs;
}
