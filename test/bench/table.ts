/** The result as Markdown, which a terminal shows as well as a page does. */
import { LABELS, WORKLOAD_TEXTS, type Variant } from './contestants.js';
import { renderTable } from './markdown-table.js';
import type { Environment } from './environment.js';
import type { Spread } from './statistics.js';
import type { Row, Summary, Target, WorkloadSummary } from './summary.js';

const VARIANT_LABELS: Record<Variant, string> = { bare: LABELS.bare, probe: LABELS.probe, opentelemetry: 'OpenTelemetry' };

export function renderResults(summary: Summary, { machine, node, packages, load }: Environment): string {
  return [
    ...renderTable(['target', 'limit', 'measured', ''], summary.targets.map(renderTarget)),
    '',
    // What the probe does for a query depends on whether its process has transactions.
    summary.workloads.length > 1
      ? 'Each process runs both workloads in turns, as services do; `--only query` shows a program that never opens a transaction.'
      : 'Each process runs this workload only.',
    '',
    ...summary.workloads.flatMap(renderWorkload),
    '### Processes',
    '',
    ...renderTable(
      ['', 'first line of a program after', 'its end after', 'memory after the rounds'],
      summary.processes.map(({ variant, firstLineMs, endMs, residentBytes }) => [
        VARIANT_LABELS[variant],
        `${withSpread(firstLineMs, 0)} ms`,
        `${withSpread(endMs, 0)} ms`,
        `${(residentBytes / 1e6).toFixed(0)} MB`,
      ]),
    ),
    '',
    ...renderDoubts(summary),
    `Node ${node}; ${Object.entries(packages).map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    `${machine}; load ${load.map((one) => one.toFixed(1)).join(' at the start, ')} at the end.`,
    '',
  ].join('\n');
}

function renderWorkload({ workload, rounds, operationsARound, rows, traceBytes, spans }: WorkloadSummary): string[] {
  const made = Object.entries(spans['pg-spans'] ?? {}).filter(([kind]) => kind.startsWith('pg')).map(([kind, count]) => `${count.toFixed(1)} ${kind}`);
  return [
    `### ${WORKLOAD_TEXTS[workload]}`,
    '',
    `Medians of ${rounds} interleaved rounds of ${operationsARound} operations, in brackets the quartiles.`,
    '',
    ...renderTable(
      ['', 'times bare pg', 'CPU µs an operation', 'on the main thread', 'the probe adds, of what this adds'],
      rows.map(renderRow),
    ),
    '',
    `The probe writes ${traceBytes.toFixed(0)} bytes an operation. OpenTelemetry makes ${made.join(' and ') || 'no span of pg'} an operation.`,
    '',
  ];
}

function renderRow({ contestant, ratio, cpuMicros, mainThreadMicros, share }: Row): string[] {
  return [
    LABELS[contestant],
    contestant === 'bare' ? '1' : withSpread(ratio, 3),
    withSpread(cpuMicros, 1),
    mainThreadMicros === null ? '' : mainThreadMicros.median.toFixed(1),
    share === null ? '' : `${withSpread(share, 0, 100)} %`,
  ];
}

function renderTarget({ what, unit, limit, measured, reached }: Target): string[] {
  const texts: Record<Target['unit'], (value: number, digits: number) => string> = {
    times: (value, digits) => `${value.toFixed(digits + 1)} ×`,
    percent: (value, digits) => `${value.toFixed(digits - 1)} %`,
    bytes: (value) => `${value.toFixed(0)} bytes`,
  };
  return [what, `≤ ${texts[unit](limit, 1)}`, texts[unit](measured, 2), reached ? 'reached' : 'missed'];
}

/** What makes the figures above say less than they seem to. */
function renderDoubts({ trace, workloads }: Summary): string[] {
  const doubts = [
    ...(trace.checkouts === 0 ? ['The probe recorded nothing: its figures are worthless.'] : []),
    ...(trace.lost > 0 ? [`The probe dropped ${trace.lost} events (it wrote ${trace.checkouts} checkouts): to record all would have cost more.`] : []),
    ...trace.problems.map((message) => `The probe had a problem: ${message}`),
    ...workloads.flatMap(({ workload, spans }) =>
      Object.values(spans).some((kinds) => (kinds['pg.query'] ?? 0) < (workload === 'query' ? 0.99 : 2.97))
        ? [`OpenTelemetry did not make a span for each statement (${workload}): its figures are worthless.`]
        : [],
    ),
  ];
  return doubts.length === 0 ? [] : [...doubts, ''];
}

function withSpread({ median, low, high }: Spread, digits: number, scale = 1): string {
  const text = (value: number): string => (value * scale).toFixed(digits);
  return `${text(median)} (${text(low)}–${text(high)})`;
}
