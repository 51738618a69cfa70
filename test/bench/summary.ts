/** From rounds to the numbers that are reported. Ratios are taken within a round, then their median. */
import { CONTESTANTS, VARIANTS, type Contestant, type Variant, type Workload } from './contestants.js';
import type { Measurement, Round, WorkloadResult } from './measure.js';
import { quantile, spread, type Spread } from './statistics.js';

export interface WorkloadSummary {
  workload: Workload;
  rounds: number;
  operationsARound: number;
  cpuMicros: Record<Contestant, Spread>;
  /** Times bare pg. */
  ratio: Record<Contestant, Spread>;
  /** What the probe adds, as a share of what OpenTelemetry adds: with all its spans, and with those of pg only. */
  share: Record<'opentelemetry' | 'pg-spans', Spread>;
  traceBytes: number;
  /** OpenTelemetry's spans an operation. */
  spans: WorkloadResult['spans'];
}

export interface Summary {
  workloads: WorkloadSummary[];
  startupMs: Record<Variant, Spread>;
  startToEndMs: Record<Variant, Spread>;
  residentBytes: Record<Variant, number>;
  trace: Measurement['trace'];
  targets: Target[];
}

export interface Target {
  what: string;
  limit: number;
  measured: number;
  reached: boolean;
}

const RATIO_LIMIT = 1.1;
const SHARE_LIMIT = 0.25;
const TRACE_LIMIT_BYTES = 200;

export function summarise(measurement: Measurement): Summary {
  const workloads = measurement.workloads.map(summariseWorkload);
  const { startups, residentBytes, trace } = measurement;
  return {
    workloads,
    startupMs: fromEach(VARIANTS, (variant) => spread(startups.map((one) => one[variant].firstLineMs))),
    startToEndMs: fromEach(VARIANTS, (variant) => spread(startups.map((one) => one[variant].endMs))),
    residentBytes,
    trace,
    targets: workloads.flatMap(judge),
  };
}

function summariseWorkload({ workload, operations, rounds, traceBytes, spans }: WorkloadResult): WorkloadSummary {
  const added = (round: Round, contestant: Contestant): number => round[contestant] - round.bare;
  const shareOf = (contestant: Contestant): Spread => spread(rounds.map((round) => added(round, 'probe') / added(round, contestant)));
  return {
    workload,
    rounds: rounds.length,
    operationsARound: operations,
    cpuMicros: fromEach(CONTESTANTS, (contestant) => spread(rounds.map((round) => round[contestant]))),
    ratio: fromEach(CONTESTANTS, (contestant) => spread(rounds.map((round) => round[contestant] / round.bare))),
    share: { opentelemetry: shareOf('opentelemetry'), 'pg-spans': shareOf('pg-spans') },
    traceBytes: quantile(traceBytes, 0.5),
    spans,
  };
}

function judge({ workload, ratio, share, traceBytes }: WorkloadSummary): Target[] {
  const target = (what: string, limit: number, measured: number): Target => ({ what: `${workload}: ${what}`, limit, measured, reached: measured <= limit });
  return [
    target('CPU, times bare pg', RATIO_LIMIT, ratio.probe.median),
    // The harder one of the two counts: what the root spans cost is not the pg instrumentation's.
    target("added CPU, share of what OpenTelemetry's pg spans add", SHARE_LIMIT, share['pg-spans'].median),
    // The limit is for a checkout with one query.
    ...(workload === 'query' ? [target('trace, bytes a checkout', TRACE_LIMIT_BYTES, traceBytes)] : []),
  ];
}

function fromEach<Key extends string, Value>(keys: readonly Key[], make: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>;
}
