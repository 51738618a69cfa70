import { useEffect, useMemo } from 'preact/hooks';
import type { PageData } from '../page-data.js';
import { Distributions } from './distributions.js';
import { Findings } from './findings.js';
import { Footer } from './footer.js';
import { formatCount } from './format.js';
import { LinksContext } from './links.js';
import { Masthead } from './masthead.js';
import { unpackPool } from './model.js';
import { PoolChart } from './pool-chart.js';
import { RangeSummary } from './range-summary.js';
import { SelectionBar } from './selection-bar.js';
import { Sweep } from './sweep.js';
import { Timeline } from './timeline.js';
import { Verdict } from './verdict.js';
import { createViewStore, useView } from './view.js';

/** The whole page. */
export function App({ data }: { data: PageData }) {
  const pools = useMemo(() => data.pools.map((pool, index) => unpackPool(pool, index)), [data]);
  const store = useMemo(() => createViewStore(Math.max(data.endUs / 1000, 0.01), worstPool(data)), [data]);
  const { pool: selected } = useView(store, ['pool']);
  const pool = pools[selected];
  useEffect(() => {
    // Paper shows everything: a closed section would be lost on it.
    const openAll = (): void => document.querySelectorAll('details').forEach((details) => (details.open = true));
    window.addEventListener('beforeprint', openAll);
    return () => window.removeEventListener('beforeprint', openAll);
  }, []);
  return (
    <LinksContext.Provider value={data.links}>
      <a class="skip" href="#findings">
        Skip to the findings
      </a>
      <Masthead data={data} />
      <main>
        <Verdict data={data} />
        <SelectionBar data={data} store={store} />
        {data.sweep !== undefined && <Sweep sweep={data.sweep} />}
        {pools.length > 1 && <PoolPicker data={data} selected={selected} onPick={(index) => store.set({ pool: index, selected: -1 })} />}
        {pool !== undefined && pool.page.timeline.total > 0 && (
          <section aria-labelledby="pool-title">
            <h2 id="pool-title">The pool over time</h2>
            <PoolChart key={pool.index} data={data} pool={pool} store={store} />
            <RangeSummary data={data} pool={pool} store={store} />
          </section>
        )}
        <Findings data={data} pools={pools} store={store} />
        {pool !== undefined && pool.page.timeline.total > 0 && (
          <>
            <Timeline key={pool.index} data={data} pool={pool} pools={pools} store={store} />
            <Distributions pool={pool} store={store} />
          </>
        )}
      </main>
      <Footer data={data} />
    </LinksContext.Provider>
  );
}

function PoolPicker({ data, selected, onPick }: { data: PageData; selected: number; onPick: (index: number) => void }) {
  return (
    <p class="picker">
      <label for="pool-picker">{formatCount(data.pools.length)} pools were recorded. Show</label>{' '}
      <select id="pool-picker" value={String(selected)} onChange={(event) => onPick(Number(event.currentTarget.value))}>
        {data.pools.map((pool, index) => (
          <option key={pool.id} value={String(index)}>
            {pool.label}
          </option>
        ))}
      </select>
    </p>
  );
}

/** The pool to begin with: the one that was exhausted the longest, else the one with the most checkouts. */
function worstPool({ pools }: PageData): number {
  let best = 0;
  const rank = (index: number): [number, number] => [pools[index]?.exhausted.reduce((total, [, us]) => total + us, 0) ?? 0, pools[index]?.timeline.total ?? 0];
  for (let i = 1; i < pools.length; i++) {
    const [a, b] = [rank(i), rank(best)];
    if (a[0] > b[0] || (a[0] === b[0] && a[1] > b[1])) best = i;
  }
  return best;
}
