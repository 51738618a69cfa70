import type { Blame, Episode } from './model.js';
import type { Starvation } from './starvation/find-starvation.js';
import { siteOf } from './timeline/locate.js';

const NAMED = 10;

/** An episode as the report has it: the shares of its blame add up to 1, what is small is put together. */
export function reportEpisode({ pool, startMs, endMs, cause, pendingMax, culprits }: Starvation): Episode {
  const waitedMs = culprits.reduce((sum, { ms }) => sum + ms, 0);
  const blame: Blame[] = culprits.slice(0, NAMED).map(({ stack, doing, ms }) => ({ callSite: siteOf(stack), doing, share: ms / waitedMs }));
  const rest = culprits.slice(NAMED).reduce((sum, { ms }) => sum + ms, 0);
  if (rest > 0) blame.push({ callSite: null, doing: 'everything else', share: rest / waitedMs });
  return { pool: pool.id, startMs, endMs, cause, pendingMax, blame };
}
