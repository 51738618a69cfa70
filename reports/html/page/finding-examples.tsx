import type { PageData, PageFinding } from '../page-data.js';
import { formatCount, formatMoment, formatMs } from './format.js';
import { showInTimeline } from './show.js';
import type { ViewStore } from './view.js';

/** The worst occurrences; each of them leads to its place in the timeline. */
export function Examples({ data, finding, store, fromMs, toMs }: { data: PageData; finding: PageFinding; store: ViewStore; fromMs: number; toMs: number }) {
  if (finding.examples.length === 0) return null;
  return (
    <div class="examples">
      <h4>{finding.count > finding.examples.length ? `The longest of ${formatCount(finding.count)}` : 'Where it happened'}</h4>
      <ul>
        {finding.examples.map((example, i) => (
          <li key={i} class={example.startMs > toMs || example.startMs + example.ms < fromMs ? 'outside' : ''}>
            <button type="button" onClick={() => showInTimeline(store, example)} title="Show it in the timeline" aria-label={`Show in the timeline: ${formatMs(example.ms)} at ${formatMoment(example.startMs, 10)}`}>
              <b>{formatMs(example.ms)}</b> at {formatMoment(example.startMs, data.endUs > 6e8 ? 1000 : 10)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
