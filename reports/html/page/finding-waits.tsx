import type { PageData, PageFinding } from '../page-data.js';
import { formatMoment, formatMs, formatShare, plural } from './format.js';
import type { FindingInRange } from './selection.js';
import { showInTimeline } from './show.js';
import type { ViewStore } from './view.js';

/** The requests that waited for a connection because this held one. */
export function FindingWaits({ data, finding, store, range, fromMs, toMs }: { data: PageData; finding: PageFinding; store: ViewStore; range: FindingInRange | null; fromMs: number; toMs: number }) {
  const { waited } = finding;
  if (waited === null) return null;
  return (
    <div class="examples">
      <h4>Who waited because of it</h4>
      <p>
        {plural(waited.requests, 'request')}, {formatMs(waited.ms)} in all: <b>{formatShare(waited.share)}</b> of all waiting for {data.pools.length > 1 && finding.seen.length > 1 ? 'its pools' : 'a connection'}
        {range !== null && `, ${range.waitShare === null ? 'none' : formatShare(range.waitShare)} of it in the selected time`}. The worst:
      </p>
      <ul>
        {waited.worst.map((wait, i) => (
          <li key={i} class={wait.startMs > toMs || wait.startMs + wait.ms < fromMs ? 'outside' : ''}>
            <button type="button" onClick={() => showInTimeline(store, wait)} title="Show it in the timeline, with all that it waited for" aria-label={`Show the request in the timeline: waited ${formatMs(wait.ms)} from ${formatMoment(wait.startMs, 10)}`}>
              <b>{formatMs(wait.ms)}</b> at {formatMoment(wait.startMs, data.endUs > 6e8 ? 1000 : 10)}, {formatShare(wait.share)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
