import { useMemo } from 'preact/hooks';
import type { PageData, PageFinding } from '../page-data.js';
import type { FindingInRange } from './finding-in-range.js';
import { formatMoment, formatMs, formatShare, plural } from './format.js';
import type { PoolModel } from './model.js';
import { showInTimeline } from './show.js';
import type { ViewStore } from './view.js';
import { waitsWithin } from './waits-in-range.js';

interface Props {
  data: PageData;
  finding: PageFinding;
  pools: readonly PoolModel[];
  store: ViewStore;
  range: FindingInRange | null;
  fromMs: number;
  toMs: number;
}

/** The requests that waited for a connection because this held one: of the selected time, if there is one. */
export function FindingWaits({ data, finding, pools, store, range, fromMs, toMs }: Props) {
  const { waited } = finding;
  const isSelected = range !== null;
  const within = useMemo(() => (waited !== null && isSelected ? waitsWithin(finding, pools, fromMs, toMs) : null), [waited, finding, pools, isSelected, fromMs, toMs]);
  if (waited === null) return null;
  const target = data.pools.length > 1 && finding.seen.length > 1 ? 'its pools' : 'a connection';
  const share = range?.waitShare ?? null;
  const step = data.endUs > 6e8 && (!isSelected || toMs - fromMs > 6e5) ? 1000 : 10;
  const worst = within === null ? waited.worst : within.worst;
  return (
    <div class="examples">
      <h4>Who waited because of it{within !== null && ', in the selected time'}</h4>
      {within === null ? (
        <p>
          {plural(waited.requests, 'request')}, {formatMs(waited.ms)} in all: <b>{formatShare(waited.share)}</b> of all waiting for {target}. The worst, and how much of each wait was because of this:
        </p>
      ) : worst.length === 0 ? (
        <p>Nobody.</p>
      ) : (
        <p>
          {!within.isSample && `${plural(within.requests, 'request')}, ${formatMs(within.ms)} in all. `}
          {share !== null && (
            <>
              <b>{formatShare(share)}</b> of the waiting for {target} in that time.{' '}
            </>
          )}
          The worst{within.isSample && ' of those drawn one by one'}, and how much of each wait was because of this:
        </p>
      )}
      <ul>
        {worst.map((wait, i) => (
          <li key={i}>
            <button type="button" onClick={() => showInTimeline(store, wait)} title="Show it in the timeline, with all that it waited for" aria-label={`Show the request in the timeline: ${formatMs(wait.ms)} at ${formatMoment(wait.startMs, step)}, ${formatShare(wait.share)}`}>
              <b>{formatMs(wait.ms)}</b> at {formatMoment(wait.startMs, step)}, {formatShare(wait.share)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
