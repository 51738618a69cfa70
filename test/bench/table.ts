/** The result as Markdown, which a terminal shows as well as a page does. */
import { CONTESTANTS, LABELS, VARIANTS, WORKLOAD_TEXTS, type Variant } from './contestants.js';
import type { Environment } from './environment.js';
import type { Spread } from './statistics.js';
import type { Summary, Target, WorkloadSummary } from './summary.js';

const VARIANT_LABELS: Record<Variant, string> = { bare: LABELS.bare, probe: LABELS.probe, opentelemetry: 'with OpenTelemetry' };

export function renderResults(summary: Summary, { machine, node, packages }: Environment): string {
  return [
    ...summary.workloads.flatMap(renderWorkload),
    ...table(
      ['', 'first line of a program after', 'its end after', 'memory after the rounds'],
      VARIANTS.map((variant) => [
        VARIANT_LABELS[variant],
        `${summary.startupMs[variant].median.toFixed(0)} ms`,
        `${summary.startToEndMs[variant].median.toFixed(0)} ms`,
        `${(summary.residentBytes[variant] / 1e6).toFixed(0)} MB`,
      ]),
    ),
    '',
    ...table(['target', 'limit', 'measured', ''], summary.targets.map(renderTarget)),
    '',
    ...renderDoubts(summary),
    `Node ${node}; ${Object.entries(packages).map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    `${machine}.`,
    '',
  ].join('\n');
}

function renderWorkload(result: WorkloadSummary): string[] {
  const { workload, rounds, operationsARound, ratio, cpuMicros, share, traceBytes, spans } = result;
  const spanCounts = Object.entries(spans.opentelemetry).filter(([kind]) => kind !== 'root').map(([kind, count]) => `${count.toFixed(1)} ${kind}`);
  return [
    `### ${WORKLOAD_TEXTS[workload]}`,
    '',
    `CPU of the whole process; medians of ${rounds} interleaved rounds of ${operationsARound} operations, in brackets the quartiles.`,
    '',
    ...table(
      ['', 'times bare pg', 'CPU µs an operation', 'the probe adds, of what this adds'],
      CONTESTANTS.map((contestant) => [
        LABELS[contestant],
        contestant === 'bare' ? '1' : withSpread(ratio[contestant], 1, 3),
        withSpread(cpuMicros[contestant], 1, 1),
        contestant === 'opentelemetry' || contestant === 'pg-spans' ? `${withSpread(share[contestant], 100, 0)} %` : '',
      ]),
    ),
    '',
    `Trace: ${traceBytes.toFixed(0)} bytes an operation. OpenTelemetry made ${spanCounts.join(', ') || 'NO SPANS: its figures are worthless'} an operation.`,
    '',
  ];
}

function renderTarget({ what, limit, measured, reached }: Target): string[] {
  return [what, limit > 2 ? limit.toFixed(0) : limit.toFixed(2), measured > 2 ? measured.toFixed(0) : measured.toFixed(3), reached ? 'reached' : 'missed'];
}

/** What makes the figures above say less than they seem to. */
function renderDoubts({ trace, workloads }: Summary): string[] {
  const doubts = [
    ...(trace.lost > 0 ? [`The probe dropped ${trace.lost} events: recording all of them would have cost more.`] : []),
    ...trace.problems.map((message) => `The probe had a problem: ${message}.`),
    ...(workloads.every(({ spans }) => Object.keys(spans.opentelemetry).some((kind) => kind.startsWith('pg.query'))) ? [] : ['OpenTelemetry did not see pg.']),
  ];
  return doubts.length === 0 ? [] : [...doubts, ''];
}

function withSpread({ median, low, high }: Spread, scale: number, digits: number): string {
  const text = (value: number): string => (value * scale).toFixed(digits);
  return `${text(median)} (${text(low)}–${text(high)})`;
}

function table(head: string[], rows: string[][]): string[] {
  const widths = head.map((title, column) => Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map((cell) => cell.length)));
  const line = (cells: string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)];
}
