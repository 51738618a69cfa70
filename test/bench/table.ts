/** What the probe costs, as Markdown, which a terminal shows as well as a page does. */
import { CONTESTANTS, hasTargets, LABELS, takesPart, WORKLOAD_TEXTS, type Contestant, type Variant } from './contestants.js';
import { renderTable } from './markdown-table.js';
import type { Spread } from './statistics.js';
import type { Row, Summary, WorkloadSummary } from './summary.js';

const VARIANT_LABELS: Record<Variant, string> = { bare: LABELS.bare, probe: LABELS.probe, opentelemetry: 'OpenTelemetry', bubbleprof: LABELS.bubbleprof };

export function renderCost(summary: Summary): string {
  return [
    '## CPU and start-up',
    '',
    'Ratios are taken within a round, then their median; the whole process counts, with all its threads.',
    ...renderTurns(summary.workloads),
    '',
    ...summary.workloads.flatMap((workload) => renderWorkload(workload, summary.absent)),
    '### Processes',
    '',
    ...renderTable(
      ['', 'first line of a program after', 'its end after', 'memory after the rounds'],
      summary.processes.map(({ variant, firstLineMs, endMs, residentBytes }) => [
        VARIANT_LABELS[variant],
        firstLineMs === null ? '' : `${withSpread(firstLineMs, 0)} ms`,
        endMs === null ? '' : `${withSpread(endMs, 0)} ms`,
        `${(residentBytes / 1e6).toFixed(0)} MB`,
      ]),
    ),
    '',
    ...renderDoubts(summary),
  ].join('\n');
}

/** What the probe does for a query depends on whether its process has transactions. */
function renderTurns(workloads: readonly WorkloadSummary[]): string[] {
  const { length } = workloads.filter(({ workload }) => hasTargets(WORKLOAD_TEXTS[workload].library));
  if (length === 0) return [];
  return [length === 1 ? 'Each process runs this workload only.' : 'Each process runs queries and transactions in turns, as services do; `--only query` shows a program that never opens a transaction.'];
}

function renderWorkload({ workload, rounds, operationsARound, rows, traceBytes, spans }: WorkloadSummary, absent: Summary['absent']): string[] {
  const made = Object.entries(spans['pg-spans'] ?? {}).filter(([kind]) => kind.startsWith('pg')).map(([kind, count]) => `${count.toFixed(1)} ${kind}`);
  const order = (row: string[]): number => CONTESTANTS.findIndex((contestant) => LABELS[contestant] === row[0]);
  const { library, title } = WORKLOAD_TEXTS[workload];
  const missing = Object.entries(absent).filter(([contestant]) => takesPart(contestant as Contestant, library)).map(([contestant, reason]) => [LABELS[contestant as Contestant], reason, '', '', '']);
  return [
    `### ${title}`,
    '',
    ...(hasTargets(library) ? [] : ['Beside the others, without a target; in processes of its own, which began with a transaction.', '']),
    `Medians of ${rounds} interleaved rounds of ${operationsARound} operations, in brackets the quartiles.`,
    '',
    ...renderTable(
      ['', 'times bare', 'CPU µs an operation', 'on the main thread', 'the probe adds, of what this adds'],
      [...rows.map(renderRow), ...missing].toSorted((a, b) => order(a) - order(b)),
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

/** What makes the figures above say less than they seem to. */
function renderDoubts({ trace, workloads }: Summary): string[] {
  const doubts = [
    ...(trace.checkouts === 0 ? ['The probe recorded nothing: its figures are worthless.'] : []),
    ...(trace.lost > 0 ? [`The probe dropped ${trace.lost} events (it wrote ${trace.checkouts} checkouts): to record all would have cost more.`] : []),
    ...trace.problems.map((message) => `The probe had a problem: ${message}`),
    ...workloads.flatMap(({ workload, spans }) =>
      Object.values(spans).some((kinds) => (kinds['pg.query'] ?? 0) < 0.99 * WORKLOAD_TEXTS[workload].statements)
        ? [`OpenTelemetry did not make a span for each statement (${WORKLOAD_TEXTS[workload].name}): its figures are worthless.`]
        : [],
    ),
  ];
  return doubts.length === 0 ? [] : [...doubts, ''];
}

function withSpread({ median, low, high }: Spread, digits: number, scale = 1): string {
  const text = (value: number): string => (value * scale).toFixed(digits);
  return `${text(median)} (${text(low)}–${text(high)})`;
}
