import { useMemo } from 'preact/hooks';
import type { PageData } from '../page-data.js';
import { ACTIVITY_KINDS, ACTIVITY_NAMES } from './activity.js';
import { breakable, formatCount, formatMoment, formatMs, formatShare, plural } from './format.js';
import { Place } from './links.js';
import type { PoolModel } from './model.js';
import { totalRange } from './range-totals.js';
import { blockedWithin, exhaustedWithin, mostPending } from './selection.js';
import { isWhole, useView, type ViewStore } from './view.js';

/** What held the connections in the selected part of the run. */
export function RangeSummary({ data, pool, store }: { data: PageData; pool: PoolModel; store: ViewStore }) {
  const { fromMs, toMs } = useView(store, ['fromMs', 'toMs'], 120);
  const totals = useMemo(() => totalRange(data, pool, fromMs, toMs, 5), [data, pool, fromMs, toMs]);
  const whole = isWhole(store);
  // Of those that are not drawn one by one, the page has sums by time.
  const about = pool.rest !== null && !whole ? 'about ' : '';
  const exhausted = exhaustedWithin(pool, fromMs, toMs);
  const pending = mostPending(pool, fromMs, toMs);
  const blocked = blockedWithin(pool, fromMs, toMs);
  const step = (toMs - fromMs) / 100;
  return (
    <div class="range-summary" data-from={fromMs.toFixed(3)} data-to={toMs.toFixed(3)}>
      <p class="range-title" role="status">
        <b>{whole ? 'The whole run' : `From ${formatMoment(fromMs, step)} to ${formatMoment(toMs, step)} (${formatMs(toMs - fromMs)})`}</b>: {about}
        {plural(totals.checkouts, 'checkout')}, {totals.waited === 0 ? 'none of which had to wait' : `${about}${formatCount(totals.waited)} of them waited for a millisecond or longer, up to ${formatMs(totals.longestWaitMs)}`}
        {pending > 0 && `, at most ${formatCount(pending)} at once`}
        {pool.page.max > 0 && (exhausted > 0 ? `; no connection was free for ${formatMs(exhausted)}` : '; a connection was always free')}.
        {blocked > (toMs - fromMs) * 0.01 && ` The event loop was blocked for ${formatMs(blocked)}: whatever was running or awaited then could not go on.`}
      </p>
      {totals.heldMs > 0 && (
        <>
          <div class="bar" aria-hidden="true">
            {ACTIVITY_KINDS.map((kind) => totals.byKind[kind] > 0 && <span key={kind} class={`fill-${kind}`} style={{ width: `${(totals.byKind[kind] / totals.heldMs) * 100}%` }} />)}
          </div>
          <ul class="legend">
            {ACTIVITY_KINDS.map((kind) => (
              <li key={kind}>
                <i class={`swatch fill-${kind}`} aria-hidden="true" />
                {ACTIVITY_NAMES[kind]} <b>{formatShare(totals.byKind[kind] / totals.heldMs)}</b>
              </li>
            ))}
          </ul>
          <ol class="holders" aria-label="What held the connections, longest first">
            {totals.top.map((total, i) => (
              <li key={i}>
                <b>{formatShare(total.ms / totals.heldMs)}</b>
                <span>
                  <i class={`swatch fill-${total.kind}`} aria-hidden="true" />
                  {breakable(total.text)}
                  {total.site !== null && (
                    <>
                      {' '}
                      <Place site={total.site} />
                    </>
                  )}
                  {total.knownMs > 0 && total.knownMs < total.ms * 0.995 && <span class="quiet"> (call site recorded for {formatShare(total.knownMs / total.ms)} of it)</span>}
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

