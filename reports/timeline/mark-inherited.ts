import type { Checkout, Connection, Timeline } from '../model.js';
import type { RecordedList } from './recorded-list.js';
import { select, TRAIT } from './select.js';

const BEGINS = /^(begin|start\s+transaction)\b/i;

/**
 * Marks the transactions that a checkout found open on its connection: whoever had the connection before left them. Nobody
 * is to be blamed for what goes on in them but the one who began them.
 */
export function markInherited(timeline: Timeline, checkouts: RecordedList): void {
  const dirty = new Set<Connection>();
  for (const checkout of select(timeline, TRAIT.leftOpen)) if (leavesOpen(checkout) && checkout.connection !== null) dirty.add(checkout.connection);
  if (dirty.size === 0) return;
  const holds = checkouts.onConnections(dirty).filter(({ acquiredMs }) => acquiredMs !== null);
  const open = new Set<Connection>();
  for (const checkout of holds.toSorted((a, b) => (a.acquiredMs ?? 0) - (b.acquiredMs ?? 0))) {
    const connection = checkout.connection as Connection;
    const first = checkout.transactions[0];
    if (open.has(connection) && first !== undefined && first.queries[0] === checkout.queries[0]) {
      // A BEGIN in it is somebody's who could not know: the rest is theirs.
      if (!first.queries.some(({ statement }) => BEGINS.test(statement.text))) checkout.inherit();
    }
    if (leavesOpen(checkout)) open.add(connection);
    else if (checkout.queries.some(({ status }) => status !== null)) open.delete(connection);
  }
}

/** Given back to its pool with its transaction open. */
export function leavesOpen({ outcome, transactions }: Checkout): boolean {
  return outcome === 'released' && (transactions.at(-1)?.status ?? 'I') !== 'I';
}
