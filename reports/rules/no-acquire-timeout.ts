import { adviseNoTimeout } from '../advice/no-acquire-timeout.js';
import { waitEnd } from '../starvation/find-starvation.js';
import { sayMany, sayMs } from '../words.js';
import type { Context, Rule } from './rule.js';

/** Requests waited for a pool that lets them wait for ever. */
export const noAcquireTimeout: Rule = {
  id: 'no-acquire-timeout',
  sharesUse: false,
  *offences(context: Context) {
    for (const { pool, starved, cause } of context.starvation()) {
      // What was about to connect, or could not turn, would have come back with a timeout as well.
      if (pool.acquireTimeoutMs > 0 || cause === 'connecting' || cause === 'event-loop-blocked') continue;
      for (const checkout of starved) {
        yield {
          checkout,
          startMs: checkout.requestedMs,
          ms: waitEnd(checkout) - checkout.requestedMs,
          stack: pool.madeAt,
          shape: pool.kind,
          statement: '',
          statements: [],
          words: { ended: checkout.acquiredMs === null ? 'no' : 'yes' },
        };
      }
    }
  },
  severity: () => 'note',
  title(group) {
    const forever = group.words.get('ended')?.get('no')?.count ?? 0;
    const end = forever === 0 ? '' : ` (${forever} of them to the end of the recording)`;
    return `The pool has no acquire timeout: ${sayMany(group.count, 'request')} waited up to ${sayMs(group.maxMs)}${end}, and would have waited for ever`;
  },
  advice: (group) => adviseNoTimeout(group.shape),
  facts: (group) => ({ acquireTimeoutMs: 0, stillWaiting: group.words.get('ended')?.get('no')?.count ?? 0 }),
};
