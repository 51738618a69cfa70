import { DURATION_EDGES_MS } from '../../durations.js';
import { at } from '../element.js';
import { formatCount, formatMs } from './format.js';

/** How long the occurrences took, as columns on a scale on which each step doubles, more or less. `isWhole`: although a time is selected. */
export function Durations({ counts, isWhole }: { counts: number[]; isWhole: boolean }) {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const first = counts.findIndex((n) => n > 0);
  const last = counts.findLastIndex((n) => n > 0);
  // Of a few, the examples tell all there is to tell.
  if (total < 4 || first < 0) return null;
  const from = Math.max(0, Math.min(first - 1, last - 5));
  const until = Math.min(counts.length - 1, Math.max(last, from + 5));
  const bins = counts.slice(from, until + 1);
  const most = Math.max(...bins);
  const edge = (bin: number): string => (bin < 0 ? '0' : formatMs(at(DURATION_EDGES_MS, Math.min(bin, DURATION_EDGES_MS.length - 1))));
  const nameOf = (bin: number): string => (bin >= DURATION_EDGES_MS.length ? `${edge(bin)} or longer` : `${edge(bin - 1)} to ${edge(bin)}`);
  return (
    <figure class="durations">
      <figcaption>How long each took, at most{isWhole && ' (in the whole run)'}</figcaption>
      <ol>
        {bins.map((n, i) => (
          <li key={i} title={`${nameOf(from + i)}: ${formatCount(n)} of ${formatCount(total)}`}>
            <span class="sr">
              {nameOf(from + i)}: {formatCount(n)}
            </span>
            <span class="n" aria-hidden="true">{n === 0 ? '' : formatCount(n)}</span>
            <i aria-hidden="true" style={{ height: `${n === 0 ? 0 : Math.max(2, (n / most) * 44)}px` }} />
            <span class="edge" aria-hidden="true">
              {from + i >= DURATION_EDGES_MS.length ? 'more' : edge(from + i)}
            </span>
          </li>
        ))}
      </ol>
    </figure>
  );
}
