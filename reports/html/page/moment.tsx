import type { PageData } from '../page-data.js';
import type { CallSite } from '../../model.js';
import { snapshotAt, type ActivityKind } from './activity.js';
import { formatCount, formatMoment, formatMs } from './format.js';
import { Place } from './links.js';
import type { PoolModel } from './model.js';
import { totalRange } from './range-totals.js';
import type { RestRows } from './rest-rows.js';
import { blockedWithin, mostPending } from './selection.js';
import { useView, type ViewStore } from './view.js';

/** Who held what at the moment under the pointer. Keeps its height, so that nothing jumps. */
export function Moment({ data, pool, store }: { data: PageData; pool: PoolModel; store: ViewStore }) {
  const { hoverMs } = useView(store, ['hoverMs']);
  if (hoverMs === null) {
    return <p class="moment quiet">Point at the chart to see who held the connections then. Drag over it to select a time range.{pool.series.bucketMs > 0 && ` Each step of it covers ${formatMs(pool.series.bucketMs)}: used and idle on average, waiting at its highest.`}</p>;
  }
  const { counts, groups } = pool.rest === null ? momentOf(data, pool, hoverMs) : stretchOf(data, pool, pool.rest, hoverMs);
  return (
    <div class="moment">
      <p>
        <b>{formatMoment(hoverMs, 10)}</b> {counts}
        {blockedWithin(pool, hoverMs, hoverMs + 0.001) > 0 && ', event loop blocked'}
      </p>
      <ul>
        {groups.slice(0, 3).map((group, i) => (
          <li key={i}>
            <i class={`swatch fill-${group.kind}`} aria-hidden="true" />
            {group.count} × {group.text}
            {group.site !== null && (
              <>
                {' '}
                <Place site={group.site} short />
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

interface Told {
  counts: string;
  groups: { kind: ActivityKind; count: string; text: string; site: CallSite | null }[];
}

function momentOf(data: PageData, pool: PoolModel, ms: number): Told {
  const { held, pending, groups } = snapshotAt(data, pool, ms);
  return { counts: `${formatCount(held)} held, ${formatCount(pending)} waiting`, groups: groups.map(({ kind, count, text, site }) => ({ kind, count: formatCount(count), text, site })) };
}

/** Where most checkouts are known in sums only: how many connections were held for what, on average over the stretch of time of these sums. */
function stretchOf(data: PageData, pool: PoolModel, { bucketMs, buckets }: RestRows, ms: number): Told {
  const bucket = Math.min(buckets - 1, Math.floor(ms / bucketMs));
  const { heldMs, top } = totalRange(data, pool, bucket * bucketMs, (bucket + 1) * bucketMs, 3);
  const average = (sumMs: number): string => (sumMs > 0 && sumMs / bucketMs < 0.05 ? '< 0.1' : (sumMs / bucketMs).toLocaleString('en', { maximumFractionDigits: 1 }));
  const waiting = mostPending(pool, bucket * bucketMs, (bucket + 1) * bucketMs);
  return { counts: `in these ${formatMs(bucketMs)} ${average(heldMs)} held on average, up to ${formatCount(waiting)} waiting`, groups: top.map(({ kind, ms: sumMs, text, site }) => ({ kind, count: average(sumMs), text, site })) };
}
