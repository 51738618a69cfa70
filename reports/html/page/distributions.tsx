import { useMemo } from 'preact/hooks';
import { at } from '../element.js';
import { binOf, DURATION_EDGES_MS } from '../../durations.js';
import { formatCount, formatMs } from './format.js';
import { LongestWaits } from './longest-waits.js';
import type { PoolModel } from './model.js';
import { addBins, emptyBins } from './rest-rows.js';
import { isWhole, useView, type ViewStore } from './view.js';

/** How long requests waited, and how long connections were held. */
export function Distributions({ pool, store }: { pool: PoolModel; store: ViewStore }) {
  const { fromMs, toMs } = useView(store, ['fromMs', 'toMs'], 120);
  const whole = isWhole(store);
  const { wait, use } = useMemo(() => (whole ? pool.page.histogram : countRange(pool, fromMs, toMs)), [pool, whole, fromMs, toMs]);
  const { summary } = pool.page;
  return (
    <section aria-labelledby="distributions-title">
      <h2 id="distributions-title">Waiting, and use{whole ? '' : ', in the selected range'}</h2>
      <div class="histograms">
        <Histogram name="Wait time" about="from the request to the connection" counts={wait} kind="wait" {...(whole && summary !== null ? { note: percentiles(summary.wait) } : {})} />
        <Histogram name="Use time" about="from the connection to its release" counts={use} kind="use" {...(whole && summary !== null ? { note: percentiles(summary.use) } : {})} />
      </div>
      {pool.rest !== null && !whole && <p class="quiet">At the edges of the selected time these counts are estimates: most checkouts are known in sums over {formatMs(pool.rest.bucketMs)}.</p>}
      <LongestWaits pool={pool} store={store} fromMs={fromMs} toMs={toMs} />
    </section>
  );
}

function percentiles({ p50Ms, p90Ms, p99Ms, maxMs }: { p50Ms: number; p90Ms: number; p99Ms: number; maxMs: number }): string {
  return `median ${formatMs(p50Ms)} · 90 % ${formatMs(p90Ms)} · 99 % ${formatMs(p99Ms)} · longest ${formatMs(maxMs)}`;
}

function countRange(pool: PoolModel, fromMs: number, toMs: number): { wait: number[]; use: number[] } {
  const [wait, use] = [emptyBins(), emptyBins()];
  const add = (bins: number[], ms: number): void => {
    const bin = binOf(ms);
    bins[bin] = at(bins, bin) + 1;
  };
  for (let i = 0; i < pool.count; i++) {
    if (at(pool.ended, i) < fromMs || at(pool.requested, i) > toMs) continue;
    add(wait, at(pool.acquired, i) - at(pool.requested, i));
    if (pool.lane[i] !== -1) add(use, at(pool.ended, i) - at(pool.acquired, i));
  }
  if (pool.rest !== null) {
    addBins(wait, 'wait', pool.rest, fromMs, toMs);
    addBins(use, 'use', pool.rest, fromMs, toMs);
  }
  return { wait: wait.map(Math.round), use: use.map(Math.round) };
}

function Histogram({ name, about, counts, kind, note }: { name: string; about: string; counts: number[]; kind: string; note?: string }) {
  const first = counts.findIndex((n) => n > 0);
  const last = counts.findLastIndex((n) => n > 0);
  if (first < 0) return <figure class="histogram"><figcaption><b>{name}</b> {about}: nothing in this range</figcaption></figure>;
  const from = Math.max(0, Math.min(first, last - 5));
  const bins = counts.slice(from, last + 1);
  const most = Math.max(...bins);
  const total = counts.reduce((sum, n) => sum + n, 0);
  return (
    <figure class="histogram">
      <figcaption>
        <b>{name}</b> {about}
        {note !== undefined && <span class="quiet">{note}</span>}
      </figcaption>
      <ol class={kind}>
        {bins.map((n, i) => {
          const edge = DURATION_EDGES_MS[from + i];
          const label = edge === undefined ? `≥ ${formatMs(at(DURATION_EDGES_MS, DURATION_EDGES_MS.length - 1))}` : `< ${formatMs(edge)}`;
          return (
            <li key={label}>
              <span class="edge">{label}</span>
              <span class="track" aria-hidden="true">
                <i class={edge !== undefined && edge <= 1 ? 'none' : ''} style={{ width: `${n === 0 ? 0 : Math.max(0.6, (n / most) * 100)}%` }} />
              </span>
              <span class="n">
                {formatCount(n)} <span class="quiet">{n > 0 && `${((n / total) * 100).toFixed(n / total < 0.1 ? 1 : 0)} %`}</span>
              </span>
            </li>
          );
        })}
      </ol>
    </figure>
  );
}
