/** The run itself: all contestants take turns, round by round, so that what disturbs the machine disturbs all of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase } from '../../scenarios/database/database.js';
import { CONTESTANTS, VARIANTS, VARIANT_OF, type Contestant, type Variant, type Workload } from './contestants.js';
import type { Options } from './options.js';
import { startProgram, type Program, type TraceSummary } from './program.js';
import { measureStartup, type Startup } from './startup.js';

/** CPU microseconds an operation. */
export type Round = Record<Contestant, number>;

export interface WorkloadResult {
  workload: Workload;
  operations: number;
  rounds: Round[];
  /** Trace bytes an operation, one number a round. */
  traceBytes: number[];
  /** OpenTelemetry's exported spans an operation, by kind, in the last round. */
  spans: Record<'opentelemetry' | 'pg-spans', Record<string, number>>;
}

export interface Measurement {
  workloads: WorkloadResult[];
  startups: Record<Variant, Startup>[];
  residentBytes: Record<Variant, number>;
  trace: TraceSummary;
}

/** A round is to cost bare pg this much CPU: many collections of the young generation then, not one or none. */
const ROUND_CPU_MICROS = 350_000;
const CALIBRATION_OPERATIONS = 4000;

export async function measure(options: Options, say: (progress: string) => void): Promise<Measurement> {
  say('starting PostgreSQL');
  const database = await startDatabase();
  const started: Partial<Record<Variant, Program>> = {};
  try {
    const programs = Object.fromEntries(VARIANTS.map((variant) => [variant, (started[variant] = startProgram(variant, database.url))])) as Record<Variant, Program>;
    const workloads: WorkloadResult[] = [];
    for (const workload of options.workloads) workloads.push(await warmUp(programs, workload, options.warmups, say));
    const residentBytes: Record<Variant, number> = { bare: 0, probe: 0, opentelemetry: 0 };
    for (let index = 0; index < options.rounds; index++) {
      for (const result of workloads) {
        say(`round ${index + 1} of ${options.rounds}: ${result.workload}`);
        Object.assign(residentBytes, await runRound(programs, result, index));
      }
    }
    const startups = await measureStartups(options.startups, say);
    const trace = await programs.probe.end();
    return { workloads, startups, residentBytes, trace };
  } finally {
    await Promise.all(Object.values(started).map((program) => program.end()));
    await database.stop();
    say('');
  }
}

async function warmUp(programs: Record<Variant, Program>, workload: Workload, warmups: number, say: (progress: string) => void): Promise<WorkloadResult> {
  say(`warming up: ${workload}`);
  const order = { contestant: 'bare', workload, operations: CALIBRATION_OPERATIONS } as const;
  await programs.bare.run(order);
  const { cpuMicros } = await programs.bare.run(order);
  const operations = Math.max(1000, Math.round((ROUND_CPU_MICROS / cpuMicros) * CALIBRATION_OPERATIONS));
  for (let i = 0; i < warmups; i++) for (const contestant of CONTESTANTS) await programs[VARIANT_OF[contestant]].run({ contestant, workload, operations });
  return { workload, operations, rounds: [], traceBytes: [], spans: { opentelemetry: {}, 'pg-spans': {} } };
}

/** One round of each contestant, each time in another order. */
async function runRound(programs: Record<Variant, Program>, result: WorkloadResult, index: number): Promise<Partial<Record<Variant, number>>> {
  const { workload, operations } = result;
  const round: Partial<Round> = {};
  const residentBytes: Partial<Record<Variant, number>> = {};
  for (const contestant of rotate(CONTESTANTS, index)) {
    const variant = VARIANT_OF[contestant];
    const measured = await programs[variant].run({ contestant, workload, operations });
    round[contestant] = measured.cpuMicros / operations;
    residentBytes[variant] = measured.residentBytes;
    if (contestant === 'probe') result.traceBytes.push(measured.traceBytes / operations);
    if (contestant === 'opentelemetry' || contestant === 'pg-spans') {
      result.spans[contestant] = Object.fromEntries(Object.entries(measured.spans).map(([kind, count]) => [kind, count / operations]));
    }
  }
  result.rounds.push(round as Round);
  return residentBytes;
}

async function measureStartups(count: number, say: (progress: string) => void): Promise<Record<Variant, Startup>[]> {
  const directory = mkdtempSync(join(tmpdir(), 'lifeguard-bench-'));
  try {
    const all: Record<Variant, Startup>[] = [];
    for (let index = 0; index < count; index++) {
      say(`start ${index + 1} of ${count}`);
      const one: Partial<Record<Variant, Startup>> = {};
      for (const variant of rotate(VARIANTS, index)) one[variant] = await measureStartup(variant, directory);
      all.push(one as Record<Variant, Startup>);
    }
    return all;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Starts with another one each time, and goes backwards every other time, so that nobody always follows the same one. */
function rotate<Item>(items: readonly Item[], index: number): Item[] {
  const from = index % items.length;
  const rotated = [...items.slice(from), ...items.slice(0, from)];
  return Math.floor(index / items.length) % 2 === 1 ? rotated.toReversed() : rotated;
}
