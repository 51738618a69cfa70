import { at } from '../element.js';
import type { PageData } from '../page-data.js';
import { listActivities } from './activity.js';
import { formatMoment, formatMs, shortSite } from './format.js';
import type { PoolModel } from './model.js';
import type { Hover } from './timeline-input.js';

/** What is under the pointer, next to it. The same, and more, is in the details once it is selected. */
export function Tooltip({ data, pool, hover }: { data: PageData; pool: PoolModel; hover: Hover }) {
  const { checkout, ms } = hover;
  if (checkout < 0) return null;
  const doing = listActivities(data, pool, checkout).findLast((activity) => activity.startMs <= ms && activity.startMs + activity.ms >= ms);
  const right = hover.x > hover.width / 2;
  const style = { top: `${hover.y + 16}px`, ...(right ? { right: `${hover.width - hover.x + 12}px` } : { left: `${hover.x + 12}px` }) };
  return (
    <div class="tooltip" style={style} aria-hidden="true">
      <p>
        <b>{formatMs(at(pool.ended, checkout) - at(pool.acquired, checkout))}</b> held from {formatMoment(at(pool.acquired, checkout))}
        {at(pool.acquired, checkout) - at(pool.requested, checkout) > 0.5 && `, after ${formatMs(at(pool.acquired, checkout) - at(pool.requested, checkout))} of waiting`}
      </p>
      {doing !== undefined && (
        <p>
          <i class={`swatch fill-${doing.kind}`} /> {formatMs(doing.ms)} {doing.text}
          {doing.site !== null && <code> {shortSite(doing.site)}</code>}
        </p>
      )}
    </div>
  );
}
