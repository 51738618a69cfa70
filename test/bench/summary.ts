/** From rounds to the numbers that are reported. Ratios are taken within a round, then their median. */
import { CONTESTANTS, hasTargets, RIVALS, VARIANTS, WORKLOAD_TEXTS, type Contestant, type ProcessName, type Rival, type Started, type Variant, type Workload } from './contestants.js';
import type { Cost, Measurement, Round, WorkloadResult } from './measure.js';
import type { TraceSummary } from './program.js';
import { quantile, spread, type Spread } from './statistics.js';
import { judge, type Target } from './target.js';

export interface Row {
  contestant: Contestant;
  /** Times bare pg. */
  ratio: Spread;
  cpuMicros: Spread;
  /** What of it was on the thread that runs the program. */
  mainThreadMicros: Spread | null;
  /** What the probe adds to bare pg, as a share of what this adds; null for what is no rival. */
  share: Spread | null;
}

export interface WorkloadSummary {
  workload: Workload;
  rounds: number;
  operationsARound: number;
  rows: Row[];
  /** An operation. */
  traceBytes: number;
  /** OpenTelemetry's spans an operation, by kind. */
  spans: Partial<Record<Rival, Record<string, number>>>;
}

export interface ProcessSummary {
  variant: Variant;
  /** null: its start was not measured. */
  firstLineMs: Spread | null;
  endMs: Spread | null;
  residentBytes: number;
}

export interface Summary {
  workloads: WorkloadSummary[];
  processes: ProcessSummary[];
  trace: TraceSummary;
  /** Why, for those that could not take part. */
  absent: Partial<Record<Contestant, string>>;
  targets: Target[];
}

const RATIO_LIMIT = 1.1;
const SHARE_LIMIT_PERCENT = 25;
const TRACE_LIMIT_BYTES = 200;
const STARTUP_LIMIT_MS = 60;

export function summarise({ workloads, startups, residentBytes, traces, absent }: Measurement): Summary {
  const summaries = workloads.map(summariseWorkload);
  const startupsOf = (variant: Variant, time: 'firstLineMs' | 'endMs'): Spread | null => {
    const times = startups.flatMap((one) => one.get(variant as Started)?.[time] ?? []);
    return times.length === 0 ? null : spread(times);
  };
  const later = startups.map((one) => (one.get('probe')?.firstLineMs ?? Number.NaN) - (one.get('bare')?.firstLineMs ?? Number.NaN));
  return {
    workloads: summaries,
    processes: VARIANTS.filter((variant) => residentBytes.has(variant)).map((variant) => ({
      variant,
      firstLineMs: startupsOf(variant, 'firstLineMs'),
      endMs: startupsOf(variant, 'endMs'),
      residentBytes: quantile(residentBytes.get(variant satisfies ProcessName) ?? [], 0.5),
    })),
    trace: {
      checkouts: traces.reduce((sum, { checkouts }) => sum + checkouts, 0),
      lost: traces.reduce((sum, { lost }) => sum + lost, 0),
      problems: [...new Set(traces.flatMap(({ problems }) => problems))],
    },
    absent: Object.fromEntries(absent),
    targets: [...summaries.flatMap(judgeWorkload), judge('the first line of a program, later by', 'ms', STARTUP_LIMIT_MS, quantile(later, 0.5))],
  };
}

function summariseWorkload({ workload, operations, rounds, traceBytes, spans }: WorkloadResult): WorkloadSummary {
  const taking = CONTESTANTS.filter((contestant) => rounds[0]?.has(contestant));
  return {
    workload,
    rounds: rounds.length,
    operationsARound: operations,
    rows: taking.map((contestant) => summariseContestant(contestant, rounds)),
    traceBytes: quantile(traceBytes, 0.5),
    spans: Object.fromEntries(spans),
  };
}

function summariseContestant(contestant: Contestant, rounds: Round[]): Row {
  const over = (value: (cost: Cost, bare: Cost, probe: Cost) => number): Spread =>
    spread(rounds.map((round) => value(costOf(round, contestant), costOf(round, 'bare'), costOf(round, 'probe'))));
  const isRival = RIVALS.some((rival) => rival === contestant);
  const knowsThreads = rounds.every((round) => costOf(round, contestant).mainThreadMicros !== null);
  return {
    contestant,
    ratio: over((own, bare) => own.cpuMicros / bare.cpuMicros),
    cpuMicros: over((own) => own.cpuMicros),
    mainThreadMicros: knowsThreads ? over((own) => own.mainThreadMicros ?? 0) : null,
    share: isRival ? over((own, bare, probe) => (probe.cpuMicros - bare.cpuMicros) / (own.cpuMicros - bare.cpuMicros)) : null,
  };
}

function costOf(round: Round, contestant: Contestant): Cost {
  const cost = round.get(contestant);
  if (cost === undefined) throw new Error(`${contestant} left out a round`);
  return cost;
}

function judgeWorkload({ workload, rows, traceBytes }: WorkloadSummary): Target[] {
  const { library, name, statements } = WORKLOAD_TEXTS[workload];
  if (!hasTargets(library)) return [];
  const row = (contestant: Contestant): Row | undefined => rows.find((row) => row.contestant === contestant);
  return [
    judge(`${name}: CPU, times bare`, 'times', RATIO_LIMIT, row('probe')?.ratio.median ?? Number.NaN),
    // The harder one of the two counts: what the root spans cost is not the pg instrumentation's.
    judge(`${name}: CPU added, of what OpenTelemetry's pg spans add`, 'percent', SHARE_LIMIT_PERCENT, (row('pg-spans')?.share?.median ?? Number.NaN) * 100),
    // The limit is for a checkout with one statement.
    ...(statements === 1 ? [judge(`${name}: trace of a checkout`, 'bytes', TRACE_LIMIT_BYTES, traceBytes)] : []),
  ];
}
