import type { PageData } from '../page-data.js';
import { formatMoment, formatMs } from './format.js';
import { isWhole, useView, type ViewStore } from './view.js';

/** Says, wherever the reader is in the page, that it shows a part of the run; and leads back to the whole. */
export function SelectionBar({ data, store }: { data: PageData; store: ViewStore }) {
  const { fromMs, toMs } = useView(store, ['fromMs', 'toMs'], 60);
  if (isWhole(store)) return null;
  const step = (toMs - fromMs) / 100;
  return (
    <div class="selection-bar" role="region" aria-label="Selected time">
      <span class="ruler" aria-hidden="true">
        <i style={{ left: `${(fromMs / store.endMs) * 100}%`, width: `${Math.max(0.4, ((toMs - fromMs) / store.endMs) * 100)}%` }} />
      </span>
      <span>
        Shown is <b>{formatMoment(fromMs, step)}</b> to <b>{formatMoment(toMs, step)}</b>, {formatMs(toMs - fromMs)} of {formatMs(data.endUs / 1000)}
      </span>
      <button type="button" onClick={() => store.set({ fromMs: 0, toMs: store.endMs })}>
        Back to the whole run
      </button>
    </div>
  );
}
