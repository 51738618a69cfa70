import type { PageData, PageFinding } from '../page-data.js';
import { formatCount, formatMoment, formatMs } from './format.js';
import type { ViewStore } from './view.js';

/** The worst occurrences; each of them leads to its place in the timeline. */
export function Examples({ data, finding, store }: { data: PageData; finding: PageFinding; store: ViewStore }) {
  if (finding.examples.length === 0) return null;
  const show = (example: PageFinding['examples'][number]): void => {
    const margin = Math.max(example.ms * 0.75, 0.5);
    const pool = example.pool < 0 ? store.get().pool : example.pool;
    store.set({ pool, fromMs: example.startMs - margin, toMs: example.startMs + example.ms + margin, selected: example.checkout });
    const timeline = document.getElementById('timeline');
    timeline?.scrollIntoView();
    timeline?.querySelector('canvas')?.focus({ preventScroll: true });
  };
  return (
    <div class="examples">
      <h4>{finding.count > finding.examples.length ? `The longest of ${formatCount(finding.count)}` : 'Where it happened'}</h4>
      <ul>
        {finding.examples.map((example, i) => (
          <li key={i}>
            <button type="button" onClick={() => show(example)} title="Show it in the timeline" aria-label={`Show in the timeline: ${formatMs(example.ms)} at ${formatMoment(example.startMs, 10)}`}>
              <b>{formatMs(example.ms)}</b> at {formatMoment(example.startMs, data.endUs > 6e8 ? 1000 : 10)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
