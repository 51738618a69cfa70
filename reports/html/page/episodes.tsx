import type { PageData } from '../page-data.js';
import { CAUSES } from './causes.js';
import { breakable, formatMoment, formatMs, formatShare, plural } from './format.js';
import { Place } from './links.js';
import type { PoolModel } from './model.js';
import type { ViewStore } from './view.js';

/** The times at which requests waited, and who is to blame. */
export function Episodes({ data, pool, store }: { data: PageData; pool: PoolModel; store: ViewStore }) {
  const episodes = data.episodes.map((episode, i) => ({ episode, number: i + 1 })).filter(({ episode }) => episode.pool === pool.index);
  if (episodes.length === 0) return null;
  return (
    <ol class="episodes" aria-label="Episodes of starvation">
      {episodes.slice(0, 12).map(({ episode, number }) => {
        const step = (episode.endMs - episode.startMs) / 20;
        return (
        <li key={number}>
          <button type="button" onClick={() => store.set({ fromMs: episode.startMs - (episode.endMs - episode.startMs) * 0.05, toMs: episode.endMs + (episode.endMs - episode.startMs) * 0.05 })}>
            <span class="badge">{number}</span> {formatMoment(episode.startMs, step)} to {formatMoment(episode.endMs, step)}
          </button>
          <p>
            For {formatMs(episode.endMs - episode.startMs)}, up to {plural(episode.pendingMax, 'request')} waited: <b>{CAUSES[episode.cause]}</b>.
          </p>
          <ul>
            {episode.blame.slice(0, 3).map((blame, i) => (
              <li key={i}>
                <b>{formatShare(blame.share)}</b> {breakable(blame.doing)}
                {blame.site !== null && (
                  <>
                    {' at '}
                    <Place site={blame.site} />
                  </>
                )}
              </li>
            ))}
          </ul>
        </li>
        );
      })}
      {episodes.length > 12 && <li class="quiet">and {plural(episodes.length - 12 + data.hidden.episodes, 'more episode')}, marked in the chart where there is room</li>}
    </ol>
  );
}
