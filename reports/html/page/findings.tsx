import { useEffect, useMemo } from 'preact/hooks';
import type { PageData } from '../page-data.js';
import { FindingCard } from './finding-card.js';
import { plural } from './format.js';
import type { PoolModel } from './model.js';
import { findingWithin } from './finding-in-range.js';
import { isWhole, useView, type ViewStore } from './view.js';

/** What was found, the largest share of connection time first: of the selected time, if there is one. */
export function Findings({ data, pools, store }: { data: PageData; pools: readonly PoolModel[]; store: ViewStore }) {
  const { fromMs, toMs } = useView(store, ['fromMs', 'toMs'], 120);
  const whole = isWhole(store);
  const ranked = useMemo(() => {
    const list = data.findings.map((finding, rank) => ({ finding, rank, range: whole ? null : findingWithin(finding, pools, fromMs, toMs) }));
    const weight = ({ finding, range }: (typeof list)[number]): number => (range === null ? (finding.share ?? -1) : range.count === 0 ? -2 : (range.share ?? -1));
    return list.toSorted((a, b) => weight(b) - weight(a) || a.rank - b.rank);
  }, [data, pools, whole, fromMs, toMs]);
  useEffect(() => {
    const open = (): void => {
      const target = document.getElementById(decodeHash());
      if (!(target instanceof HTMLDetailsElement)) return;
      target.open = true;
      target.scrollIntoView();
    };
    open();
    window.addEventListener('hashchange', open);
    return () => window.removeEventListener('hashchange', open);
  }, []);
  return (
    <section id="findings" aria-labelledby="findings-title">
      <h2 id="findings-title">{data.findings.length === 0 ? 'Findings' : `Findings, by share of connection time${whole ? '' : ' in the selected time'}`}</h2>
      {data.findings.length === 0 ? <NoFindings data={data} /> : (
        ranked.map(({ finding, rank, range }) => <FindingCard key={finding.fingerprint} data={data} finding={finding} pools={pools} store={store} open={rank === 0 || rank === data.first} range={range} fromMs={fromMs} toMs={toMs} />)
      )}
      {data.hidden.findings > 0 && <p class="quiet">{plural(data.hidden.findings, 'more finding')} with smaller shares: the JSON report has them all.</p>}
    </section>
  );
}

function decodeHash(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return '';
  }
}

function NoFindings({ data }: { data: PageData }) {
  return (
    <div class="empty">
      <svg viewBox="0 0 120 40" width="120" height="40" aria-hidden="true">
        <path d="M0 14c10-8 20-8 30 0s20 8 30 0 20-8 30 0 20 8 30 0M0 26c10-8 20-8 30 0s20 8 30 0 20-8 30 0 20 8 30 0" />
      </svg>
      <p>
        {data.verdict === 'healthy'
          ? 'No rule found anything: no await in an open transaction, no transaction too long, nobody starved.'
          : 'Nothing was found, which means little here: see what is missing, above.'}
      </p>
    </div>
  );
}
