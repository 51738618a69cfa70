import { useMemo } from 'preact/hooks';
import { at } from '../element.js';
import type { PageData } from '../page-data.js';
import { listActivities, siteOf, type ActivityTotal } from './activity.js';
import { breakable, formatCount, formatMs, formatShare, plural } from './format.js';
import { Place } from './links.js';
import { firstAfter } from './scene.js';
import type { PoolModel } from './model.js';
import type { ViewStore } from './view.js';

const MAX_HOLDERS = 12;
const MAX_GROUPS = 5;

interface Holder {
  checkout: number;
  ms: number;
}

/** For a request that waited: who held the connections meanwhile, for what. */
export function WaitHolders({ data, pool, checkout, store }: { data: PageData; pool: PoolModel; checkout: number; store: ViewStore }) {
  const waitMs = at(pool.acquired, checkout) - at(pool.requested, checkout);
  const { holders, groups, knownMs } = useMemo(() => findHolders(data, pool, checkout), [data, pool, checkout]);
  if (waitMs < 1) return null;
  const possible = waitMs * Math.max(1, pool.page.max);
  const rest = 1 - knownMs / possible;
  const sampled = pool.page.timeline.shown < pool.page.timeline.total;
  return (
    <div class="holders-of">
      <h4>What it waited for</h4>
      {groups.length === 0 ? (
        <p class="quiet">No connection that this page knows of was held meanwhile{sampled ? '; it holds a part of the checkouts only' : ': the pool was opening one, or the event loop was blocked'}.</p>
      ) : (
        <>
          <ol class="holders">
            {groups.slice(0, MAX_GROUPS).map((group, i) => (
              <li key={i}>
                <b>{formatShare(Math.min(1, group.ms / possible))}</b>
                <span>
                  <i class={`swatch fill-${group.kind}`} aria-hidden="true" />
                  {breakable(group.text)}
                  {group.site !== null && (
                    <>
                      {' '}
                      <Place site={group.site} />
                    </>
                  )}{' '}
                  <span class="quiet">on {plural(group.count, 'connection')}</span>
                </span>
              </li>
            ))}
            {rest > 0.02 && !sampled && (
              <li>
                <b>{formatShare(rest)}</b>
                <span class="quiet">nothing that was recorded: connections that were free, being opened or handed over, or an event loop that was busy</span>
              </li>
            )}
          </ol>
          <ul class="chips" aria-label="The holders">
            {holders.slice(0, MAX_HOLDERS).map((holder) => (
              <li key={holder.checkout}>
                <button type="button" onClick={() => store.set({ selected: holder.checkout })} aria-label={`Select the holder, lane ${at(pool.lane, holder.checkout) + 1}: ${formatMs(holder.ms)}, checkout ${at(pool.id, holder.checkout)}`}>
                  lane {at(pool.lane, holder.checkout) + 1}: <b>{formatMs(holder.ms)}</b>
                </button>
              </li>
            ))}
            {holders.length > MAX_HOLDERS && <li class="quiet">and {formatCount(holders.length - MAX_HOLDERS)} more</li>}
          </ul>
          {sampled && knownMs < possible * 0.95 && <p class="quiet">{formatShare(knownMs / possible)} of the wait is explained by the checkouts that this page holds.</p>}
        </>
      )}
    </div>
  );
}

/** Of the pool's connections each is to be blamed for its part of the wait; `ms` are those of all connections together. */
function findHolders(data: PageData, pool: PoolModel, checkout: number): { holders: Holder[]; groups: ActivityTotal[]; knownMs: number } {
  const [from, until] = [at(pool.requested, checkout), at(pool.acquired, checkout)];
  const holders: Holder[] = [];
  const groups = new Map<string, ActivityTotal & { lanes: Set<number> }>();
  let knownMs = 0;
  for (const [lane, list] of pool.lanes.entries()) {
    for (let p = firstAfter(pool, list, from); p < list.length; p++) {
      const other = at(list, p);
      if (at(pool.acquired, other) >= until) break;
      if (other === checkout) continue;
      const [start, end] = [Math.max(from, at(pool.acquired, other)), Math.min(until, at(pool.ended, other))];
      if (end <= start) continue;
      holders.push({ checkout: other, ms: end - start });
      knownMs += end - start;
      let rest = end - start;
      const add = (kind: ActivityTotal['kind'], text: string, site: ActivityTotal['site'], ms: number): void => {
        const key = `${kind}\n${text}\n${site?.file}:${site?.line}`;
        const group = groups.get(key) ?? { kind, text, site, ms: 0, count: 0, knownMs: 0, lanes: new Set() };
        group.ms += ms;
        group.lanes.add(lane);
        group.count = group.lanes.size;
        groups.set(key, group);
      };
      for (const activity of listActivities(data, pool, other)) {
        const ms = Math.min(end, activity.startMs + activity.ms) - Math.max(start, activity.startMs);
        if (ms <= 0) continue;
        rest -= ms;
        add(activity.kind, activity.text, activity.site, ms);
      }
      if (rest > 0.05) add('held', 'running code of the program', siteOf(data, at(pool.stack, other)), rest);
    }
  }
  // A hand-over is no holder.
  return { holders: holders.filter(({ ms }) => ms >= (until - from) * 0.05).toSorted((a, b) => b.ms - a.ms || a.checkout - b.checkout), groups: [...groups.values()].toSorted((a, b) => b.ms - a.ms), knownMs };
}
