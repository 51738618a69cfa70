import type { PageData } from '../page-data.js';
import { snapshotAt } from './activity.js';
import { formatCount, formatMoment, formatMs } from './format.js';
import { Place } from './links.js';
import type { PoolModel } from './model.js';
import { useView, type ViewStore } from './view.js';

/** Who held what at the moment under the pointer. Keeps its height, so that nothing jumps. */
export function Moment({ data, pool, store }: { data: PageData; pool: PoolModel; store: ViewStore }) {
  const { hoverMs } = useView(store, ['hoverMs']);
  if (hoverMs === null) {
    return <p class="moment quiet">Point at the chart to see who held the connections then. Drag over it to select a time range.{pool.series.bucketMs > 0 && ` Each step of it covers ${formatMs(pool.series.bucketMs)}: used and idle on average, waiting at its highest.`}</p>;
  }
  const { held, pending, groups } = snapshotAt(data, pool, hoverMs);
  const sampled = pool.page.timeline.shown < pool.page.timeline.total;
  return (
    <div class="moment">
      <p>
        <b>{formatMoment(hoverMs, 10)}</b> {formatCount(held)} held, {formatCount(pending)} waiting{sampled && ' (of the checkouts shown)'}
      </p>
      <ul>
        {groups.slice(0, 3).map((group, i) => (
          <li key={i}>
            <i class={`swatch fill-${group.kind}`} aria-hidden="true" />
            {formatCount(group.count)} × {group.text}
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
