import { useMemo } from 'preact/hooks';
import { at } from '../element.js';
import type { PageData } from '../page-data.js';
import { formatCount, plural } from './format.js';
import type { PoolModel } from './model.js';
import { searchPool, type Matches } from './search.js';
import { useView, type ViewStore } from './view.js';

interface Props {
  data: PageData;
  pool: PoolModel;
  pools: readonly PoolModel[];
  store: ViewStore;
  matches: Matches | null;
}

/** Finds checkouts by what they ran, where, and what they awaited. Enter goes from one to the next. */
export function SearchBox({ data, pool, pools, store, matches }: Props) {
  const { search, selected } = useView(store, ['search', 'selected']);
  const elsewhere = useMemo(
    () => (matches === null || matches.list.length > 0 ? [] : pools.flatMap((other) => (other.index === pool.index ? [] : [{ pool: other, count: searchPool(data, other, search).list.length }])).filter(({ count }) => count > 0)),
    [data, pool, pools, matches, search],
  );
  const place = matches === null ? -1 : matches.list.indexOf(selected);
  const go = (step: 1 | -1): void => {
    if (matches === null || matches.list.length === 0) return;
    const { fromMs, toMs } = store.get();
    const first = matches.list.findIndex((i) => at(pool.ended, i) >= fromMs && at(pool.requested, i) <= toMs);
    const next = place >= 0 ? place + step : Math.max(0, first);
    const target = matches.list[(next + matches.list.length) % matches.list.length];
    if (target !== undefined) bringIntoView(pool, store, target);
  };
  return (
    <div class="search" role="search">
      <label class="sr" for="timeline-search">
        Search the timeline
      </label>
      <input
        id="timeline-search"
        type="search"
        placeholder="Statement, function, file:line, awaited…"
        autocomplete="off"
        spellcheck={false}
        value={search}
        onInput={(event) => store.set({ search: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') store.set({ search: '' });
          else return;
          event.preventDefault();
        }}
      />
      <span class="matches" role="status">
        {matches !== null && (
          <>
            {place >= 0 && `${formatCount(place + 1)} of `}
            {plural(matches.list.length, 'checkout')}
            {pool.page.timeline.shown < pool.page.timeline.total && ' of those drawn one by one'}
          </>
        )}
      </span>
      {matches !== null && matches.list.length > 0 && (
        <>
          <button type="button" aria-label="Previous match" onClick={() => go(-1)}>
            ‹
          </button>
          <button type="button" aria-label="Next match" onClick={() => go(1)}>
            ›
          </button>
        </>
      )}
      {elsewhere.slice(0, 4).map(({ pool: other, count }) => (
        <button key={other.index} type="button" onClick={() => store.set({ pool: other.index, selected: -1 })}>
          {formatCount(count)} in {other.page.label}
        </button>
      ))}
    </div>
  );
}

/** Keeps the zoom where the checkout fits into it, and shows a match as more than a hair. */
function bringIntoView(pool: PoolModel, store: ViewStore, checkout: number): void {
  const { fromMs, toMs } = store.get();
  const [start, end] = [at(pool.requested, checkout), at(pool.ended, checkout)];
  const length = Math.max(end - start, 0.05);
  const span = Math.min(Math.max(toMs - fromMs, length * 1.2), length * 60);
  const visible = start >= fromMs && end <= toMs && span >= toMs - fromMs;
  store.set({ selected: checkout, ...(visible ? {} : { fromMs: (start + end - span) / 2, toMs: (start + end + span) / 2 }) });
}
