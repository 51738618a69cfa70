/** The soak as Markdown. */
import { LABELS } from '../contestants.js';
import { renderTable } from '../markdown-table.js';
import type { Spread } from '../statistics.js';
import { KEEP, type Soaked } from './measure.js';
import type { SoakRow, SoakSummary } from './summary.js';

const SOAKED_LABELS: Record<Soaked, string> = { bare: LABELS.bare, probe: LABELS.probe, kept: `${LABELS.probe}, \`--keep ${KEEP.text}\`` };

export function renderSoak({ minutes, warmupMinutes, rows, growthBesideMb, doubts }: SoakSummary): string {
  return [
    '## Memory under full load',
    '',
    `${minutes} minutes of queries and transactions in turns, side by side. Memory (resident) is that of the last quarter; growth counts from ${warmupMinutes.toFixed(1)} minutes on: medians, in brackets the quartiles. Beside bare pg, the probe's process grows by ${withSpread(growthBesideMb, 2)} MB a minute.`,
    '',
    ...renderTable(
      ['', 'memory', 'beside bare pg', 'growth a minute', 'of the heap after a full collection', 'operations a second', 'trace', 'most of it on disk'],
      rows.map(renderRow),
    ),
    '',
    ...(doubts.length === 0 ? [] : [...doubts.map((line) => `What a trace says of itself: ${line}`), '']),
  ].join('\n');
}

function renderRow({ name, residentMb, besideMb, growthMb, liveGrowthMb, operationsASecond, traceBytes, mostTraceMb }: SoakRow): string[] {
  return [
    SOAKED_LABELS[name],
    `${withSpread(residentMb, 0)} MB`,
    besideMb === null ? '' : `${withSpread(besideMb, 0)} MB`,
    `${withSpread(growthMb, 2)} MB`,
    `${liveGrowthMb.toFixed(2)} MB`,
    operationsASecond.toFixed(0),
    name === 'bare' || traceBytes === null ? '' : `${traceBytes.toFixed(0)} bytes an operation`,
    name === 'bare' ? '' : `${mostTraceMb.toFixed(0)} MB`,
  ];
}

function withSpread({ median, low, high }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}
