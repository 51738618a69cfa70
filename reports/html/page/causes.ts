import type { EpisodeCause } from '../../model.js';

/** Why requests waited, in words. */
export const CAUSES: Record<EpisodeCause, string> = {
  'held-idle': 'connections were held idle',
  'slow-sql': 'slow statements held the connections',
  'lock-wait': 'statements waited for locks',
  leaked: 'connections were never released',
  deadlocked: 'the holders waited for each other',
  connecting: 'the pool was not full, but connecting',
  'event-loop-blocked': 'the event loop was blocked',
  unknown: 'the cause is not known',
};
