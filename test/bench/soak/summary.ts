/** From samples to the numbers that are reported. What two programs take is compared at the same moments. */
import { quantile, slope, spread, type Spread } from '../statistics.js';
import { judge, type Target } from '../target.js';
import { KEEP, SOAKED, type Soaked, type SoakedProgram, type SoakMeasurement } from './measure.js';

export interface SoakRow {
  name: Soaked;
  /** Megabytes, in the last quarter. */
  residentMb: Spread;
  /** Beside the bare program; null for that one. */
  besideMb: Spread | null;
  /** Megabytes a minute since the warm-up, of the process, and of what is alive in the program's heap after a full collection. */
  growthMb: Spread;
  liveGrowthMb: number;
  operationsASecond: number;
  /** Trace bytes an operation; null where not all was counted. */
  traceBytes: number | null;
  mostTraceMb: number;
}

export interface SoakSummary {
  minutes: number;
  warmupMinutes: number;
  rows: SoakRow[];
  /** Megabytes a minute by which the probe grows faster than the bare program. */
  growthBesideMb: Spread;
  doubts: string[];
  targets: Target[];
}

const BESIDE_LIMIT_MB = 32;
/** What cannot be told from none in ten minutes of a heap that swings by as many megabytes. */
const GROWTH_LIMIT_MB = 1;
const LIVE_GROWTH_LIMIT_MB = 0.1;
/** In less time, what grows is what the compiler makes of a young program. */
const LEAST_GROWTH_MINUTES = 5;
/** Parts of the trace are removed whole, an eighth each: so much more may be there for a moment. */
const KEPT_LIMIT_MB = (KEEP.bytes * 1.125) / 1e6;

export function summariseSoak({ minutes, warmupMinutes, programs }: SoakMeasurement): SoakSummary {
  const of = (name: Soaked): SoakedProgram => {
    const program = programs.find((one) => one.name === name);
    if (program === undefined) throw new Error(`${name} was left out`);
    return program;
  };
  const bare = of('bare');
  const besideMb = ({ samples }: SoakedProgram): number[] => samples.map(({ residentBytes }, index) => (residentBytes - (bare.samples[index]?.residentBytes ?? Number.NaN)) / 1e6);
  const growthOf = ({ samples }: SoakedProgram, megabytes: readonly number[]): Spread => slope(samples.map((sample, index) => [sample.minutes, megabytes[index] ?? Number.NaN]));
  const rows = SOAKED.map((name): SoakRow => {
    const program = of(name);
    const { samples, trace } = program;
    const [first, last] = program.collected;
    if (first === undefined || last === undefined) throw new Error(`${name} was not asked`);
    const resident = samples.map(({ residentBytes }) => residentBytes / 1e6);
    const elapsed = last.minutes - first.minutes;
    return {
      name,
      residentMb: spread(atTheEnd(resident)),
      besideMb: name === 'bare' ? null : spread(atTheEnd(besideMb(program))),
      growthMb: growthOf(program, resident),
      liveGrowthMb: (last.heapBytes - first.heapBytes) / 1e6 / elapsed,
      operationsASecond: (last.operations - first.operations) / (elapsed * 60),
      traceBytes: name === 'kept' ? null : trace.writtenBytes / last.operations,
      mostTraceMb: trace.mostBytes / 1e6,
    };
  });
  const probe = of('probe');
  const growthBesideMb = growthOf(probe, besideMb(probe));
  const row = (name: Soaked): SoakRow | undefined => rows.find((one) => one.name === name);
  const duration = `${minutes} minute${minutes === 1 ? '' : 's'} of full load`;
  return {
    minutes,
    warmupMinutes,
    rows,
    growthBesideMb,
    doubts: programs.flatMap(({ name, trace }) => [...new Set(trace.doubts)].map((line) => `${name}: ${line}`)),
    targets: [
      judge(`memory beside the bare program, after ${duration}`, 'megabytes', BESIDE_LIMIT_MB, quantile(atTheEnd(besideMb(probe)), 0.5)),
      ...(minutes < LEAST_GROWTH_MINUTES
        ? []
        : [
            judge('the same, its growth a minute', 'megabytes a minute', GROWTH_LIMIT_MB, growthBesideMb.median),
            judge("growth a minute of the program's heap after a full collection", 'megabytes a minute', LIVE_GROWTH_LIMIT_MB, row('probe')?.liveGrowthMb ?? Number.NaN),
          ]),
      judge(`trace on disk with --keep ${KEEP.text}`, 'megabytes', KEPT_LIMIT_MB, row('kept')?.mostTraceMb ?? Number.NaN),
    ],
  };
}

function atTheEnd(values: readonly number[]): number[] {
  return values.slice(Math.floor(values.length * 0.75));
}
