import type { Decomposition } from '../../model.js';
import { formatMs, formatShare } from './format.js';

const PARTS = [
  ['sql', 'SQL', 'sqlMs'],
  ['await', 'Awaiting', 'awaitMs'],
  ['blocked', 'Event loop blocked', 'blockedMs'],
  ['idle', 'Idle', 'idleMs'],
] as const;

/** Where the holds' time went, as one bar with its legend. `isSelected`: of the selected time. */
export function DecompositionBar({ parts, isSelected }: { parts: Decomposition; isSelected: boolean }) {
  const total = Math.max(parts.holdMs, 1e-9);
  return (
    <figure class="decomposition">
      <figcaption>Where the {formatMs(parts.holdMs)} of these holds {isSelected ? 'in the selected time ' : ''}went</figcaption>
      <div class="bar" aria-hidden="true">
        {PARTS.map(([kind, , field]) => parts[field] > 0 && <span key={kind} class={`fill-${kind}`} style={{ width: `${(parts[field] / total) * 100}%` }} />)}
      </div>
      <ul class="legend">
        {PARTS.filter(([, , field]) => parts[field] > 0).map(([kind, name, field]) => (
          <li key={kind}>
            <i class={`swatch fill-${kind}`} aria-hidden="true" />
            {name} <b>{formatShare(parts[field] / total)}</b> <span class="quiet">{formatMs(parts[field])}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
