import type { PageData, PageFinding } from '../page-data.js';
import type { FindingInRange } from './finding-in-range.js';
import { formatCount, formatMoment, formatMs } from './format.js';
import { showInTimeline } from './show.js';
import type { ViewStore } from './view.js';

/** The worst occurrences, of the selected time if there is one; each of them leads to its place in the timeline. */
export function Examples({ data, finding, store, range, fromMs, toMs }: { data: PageData; finding: PageFinding; store: ViewStore; range: FindingInRange | null; fromMs: number; toMs: number }) {
  const examples = range === null ? finding.examples : range.worst;
  if (examples.length === 0) return null;
  const step = data.endUs > 6e8 && (range === null || toMs - fromMs > 6e5) ? 1000 : 10;
  return (
    <div class="examples">
      <h4>{titleOf(finding, range, examples.length)}</h4>
      <ul>
        {examples.map((example, i) => (
          <li key={i}>
            <button type="button" onClick={() => showInTimeline(store, example)} title="Show it in the timeline" aria-label={`Show in the timeline: ${formatMs(example.ms)} at ${formatMoment(example.startMs, step)}`}>
              <b>{formatMs(example.ms)}</b> at {formatMoment(example.startMs, step)}
            </button>
          </li>
        ))}
      </ul>
      {range !== null && range.worstOfMs > 0 && <p class="quiet">At most one of each {formatMs(range.worstOfMs)}: of more occurrences than a page can hold, it has the longest of each such stretch.</p>}
    </div>
  );
}

function titleOf(finding: PageFinding, range: FindingInRange | null, shown: number): string {
  const count = range === null ? finding.count : range.count;
  const where = range === null ? '' : ' in the selected time';
  return count > shown ? `The longest of ${range?.isRough === true ? 'about ' : ''}${formatCount(count)}${where}` : `Where it happened${where}`;
}
