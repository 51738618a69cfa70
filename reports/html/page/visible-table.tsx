import { useMemo, useState } from 'preact/hooks';
import { at } from '../element.js';
import type { PageData } from '../page-data.js';
import { listActivities } from './activity.js';
import { breakable, formatCount, formatMoment, formatMs } from './format.js';
import type { PoolModel } from './model.js';
import { useView, type ViewStore } from './view.js';

const MAX_ROWS = 50;

/** The visible part of the timeline as a table, the longest checkouts first: for those who cannot, or would rather not, point at a picture. */
export function VisibleTable({ data, pool, store }: { data: PageData; pool: PoolModel; store: ViewStore }) {
  const [open, setOpen] = useState(false);
  const { fromMs, toMs, selected } = useView(store, ['fromMs', 'toMs', 'selected'], 150);
  const { rows, total } = useMemo(() => (open ? listVisible(pool, fromMs, toMs) : { rows: [], total: 0 }), [open, pool, fromMs, toMs]);
  return (
    <details class="visible-table" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The visible checkouts as a table</summary>
      {open && (
        <>
          <p class="quiet">{total > rows.length ? `The longest ${formatCount(rows.length)} of ${formatCount(total)} in view.` : `All ${formatCount(total)} in view, the longest first.`}</p>
          <div class="scroll" tabIndex={0} role="region" aria-label="Visible checkouts">
            <table>
              <thead>
                <tr>
                  <th scope="col">Requested</th>
                  <th scope="col">Lane</th>
                  <th scope="col">Waited</th>
                  <th scope="col">Held</th>
                  <th scope="col">Longest part</th>
                  <th scope="col">
                    <span class="sr">Select</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((i) => {
                  const longest = listActivities(data, pool, i).reduce<{ ms: number; text: string } | null>((a, b) => (a === null || b.ms > a.ms ? b : a), null);
                  return (
                    <tr key={i} class={i === selected ? 'selected' : ''}>
                      <td>{formatMoment(at(pool.requested, i))}</td>
                      <td>{pool.lane[i] === -1 ? 'none' : at(pool.lane, i) + 1}</td>
                      <td>{formatMs(at(pool.acquired, i) - at(pool.requested, i))}</td>
                      <td>{formatMs(at(pool.ended, i) - at(pool.acquired, i))}</td>
                      <td class="wide">{longest === null ? '' : `${formatMs(longest.ms)} ${breakable(longest.text)}`}</td>
                      <td>
                        <button type="button" onClick={() => store.set({ selected: i })} aria-label={`Select checkout ${at(pool.id, i)}`}>
                          Select
                        </button>
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        </>
      )}
    </details>
  );
}

function listVisible(pool: PoolModel, fromMs: number, toMs: number): { rows: number[]; total: number } {
  const rows: number[] = [];
  for (let i = 0; i < pool.count; i++) if (at(pool.ended, i) > fromMs && at(pool.requested, i) < toMs) rows.push(i);
  const longest = rows.toSorted((a, b) => at(pool.ended, b) - at(pool.requested, b) - (at(pool.ended, a) - at(pool.requested, a)) || a - b);
  return { rows: longest.slice(0, MAX_ROWS), total: rows.length };
}
