import type { EpisodeCause } from '../model.js';

const WAYS: Record<EpisodeCause, string> = {
  'held-idle': 'A larger pool only moves the point at which it starves: let this line give its connection back before it does anything else, and every other request gets one sooner.',
  'slow-sql': 'The pool is busy with SQL. Make that statement faster, or less frequent; only then, and if the server has processor and disk to spare, enlarge the pool.',
  'lock-wait': 'Its holders wait for locks of each other: take locks in the same order, late, and for short.',
  leaked: 'Its connections were never released: put release() into a finally block.',
  deadlocked: 'Its holders each wait for one more connection of the same pool: never ask for a second one while holding one.',
  connecting: 'The pool was not full, it was still connecting. Open connections before the load comes (pg-pool: min, or a few queries at the start), and look at why connecting takes that long: DNS, TLS, or the server.',
  'event-loop-blocked': 'Connections were free or about to be, and nobody could hand them out, as the event loop was blocked. Move the synchronous work off the main thread, or into smaller pieces.',
  unknown: 'The trace does not say what the connections were used for. Record again with the probe in every process that shares this pool.',
};

export function adviseStarvation(cause: EpisodeCause): string {
  return WAYS[cause];
}
