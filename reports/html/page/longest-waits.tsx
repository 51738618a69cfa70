import { useMemo } from 'preact/hooks';
import { CHECKOUT_OUTCOMES } from '../../../probes/trace/events.js';
import { at } from '../element.js';
import { formatMoment, formatMs } from './format.js';
import type { PoolModel } from './model.js';
import { showInTimeline } from './show.js';
import type { ViewStore } from './view.js';

const MOST = 8;

/** The requests that waited the longest; each leads to the timeline, where its holders are. */
export function LongestWaits({ pool, store, fromMs, toMs }: { pool: PoolModel; store: ViewStore; fromMs: number; toMs: number }) {
  const list = useMemo(() => longest(pool, fromMs, toMs), [pool, fromMs, toMs]);
  if (list.length === 0) return null;
  return (
    <div class="examples longest-waits">
      <h3>The longest waits: choose one to see who held the connections meanwhile</h3>
      <ul>
        {list.map((i) => {
          const ms = at(pool.acquired, i) - at(pool.requested, i);
          const vain = CHECKOUT_OUTCOMES[at(pool.outcome, i)] === 'timeout';
          return (
            <li key={i}>
              <button
                type="button"
                onClick={() => showInTimeline(store, { pool: pool.index, checkout: i, startMs: at(pool.requested, i), ms })}
                aria-label={`Show what the request waited for: ${formatMs(ms)} at ${formatMoment(at(pool.requested, i), 10)}${vain ? ', in vain' : ''}`}
              >
                <b>{formatMs(ms)}</b> at {formatMoment(at(pool.requested, i), 10)}
                {vain && ', in vain'}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function longest(pool: PoolModel, fromMs: number, toMs: number): number[] {
  const waitOf = (i: number): number => at(pool.acquired, i) - at(pool.requested, i);
  const found: number[] = [];
  for (let i = 0; i < pool.count; i++) {
    if (waitOf(i) < 1 || at(pool.acquired, i) < fromMs || at(pool.requested, i) > toMs) continue;
    if (found.length === MOST && waitOf(found[MOST - 1] ?? i) >= waitOf(i)) continue;
    const place = found.findIndex((other) => waitOf(other) < waitOf(i));
    found.splice(place < 0 ? found.length : place, 0, i);
    if (found.length > MOST) found.pop();
  }
  return found;
}
