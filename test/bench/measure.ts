/** The run itself: all contestants take turns, round by round, so that what disturbs the machine disturbs all of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase } from '../../scenarios/database/database.js';
import { FEWER, hasTargets, isRival, LIBRARIES, processOf, STARTED, takesPart, whyAbsent, WORKLOAD_TEXTS, type Contestant, type Library, type ProcessName, type Rival, type Started, type Workload } from './contestants.js';
import type { Options } from './options.js';
import { startProgram, type Program, type TraceSummary } from './program.js';
import { measureStartup, type Startup } from './startup.js';

export interface Cost {
  /** CPU microseconds an operation. */
  cpuMicros: number;
  mainThreadMicros: number | null;
}

export type Round = Map<Contestant, Cost>;

export interface WorkloadResult {
  workload: Workload;
  /** Operations a round; 0 until it is known how long they take. */
  operations: number;
  rounds: Round[];
  /** Trace bytes an operation, one number a round. */
  traceBytes: number[];
  /** OpenTelemetry's exported spans an operation, by kind, in the last round. */
  spans: Map<Rival, Record<string, number>>;
}

export interface Measurement {
  workloads: WorkloadResult[];
  startups: Map<Started, Startup>[];
  /** After the last round, once for each time that the processes of the first library were started. */
  residentBytes: Map<ProcessName, number[]>;
  traces: TraceSummary[];
  /** Why, for those that could not take part. */
  absent: Map<Contestant, string>;
}

/** A round is to cost bare pg this much CPU: many collections of the young generation then, not one or none. */
const ROUND_CPU_MICROS = 300_000;
/** Rounds that each generation of processes does however long it takes. */
const LEAST_ROUNDS = 2;
/** Of what no target is for, as the whole run is long enough. After three rounds bare pg still becomes 8 % faster, after four no more. */
const FEW_WARMUPS = 4;
const CALIBRATION_OPERATIONS = 4000;

/** @param step is told what comes next; what it throws ends the run. */
export async function measure(options: Options, step: (next: string) => void): Promise<Measurement> {
  step('starting PostgreSQL');
  const database = await startDatabase();
  const reasons = options.contestants.map((contestant) => [contestant, whyAbsent(contestant)] as const);
  const result: Measurement = {
    workloads: options.workloads.map((workload) => ({ workload, operations: 0, rounds: [], traceBytes: [], spans: new Map() })),
    startups: [],
    residentBytes: new Map(),
    traces: [],
    absent: new Map(reasons.flatMap(([contestant, reason]) => (reason === null ? [] : [[contestant, reason]]))),
  };
  const present = { ...options, contestants: options.contestants.filter((contestant) => !result.absent.has(contestant)) };
  try {
    for (const library of LIBRARIES) {
      const workloads = result.workloads.filter(({ workload }) => WORKLOAD_TEXTS[workload].library === library);
      const contestants = present.contestants.filter((contestant) => takesPart(contestant, library));
      const warmups = hasTargets(library) ? present.warmups : Math.min(present.warmups, FEW_WARMUPS);
      if (workloads.length > 0) await measureLibrary(library, workloads, { options: { ...present, contestants, warmups }, url: database.url, step, result });
    }
    result.startups = await measureStartups(options, step);
    return result;
  } finally {
    await database.stop();
  }
}

interface Run {
  options: Options;
  url: string;
  step: (next: string) => void;
  result: Measurement;
}

async function measureLibrary(library: Library, workloads: WorkloadResult[], { options, url, step, result }: Run): Promise<void> {
  const started: Program[] = [];
  const isFirst = result.residentBytes.size === 0;
  const start = performance.now();
  const budgetMs = options.budgetMs * options.contestants.length * workloads.length;
  try {
    for (let generation = 0, index = 0; generation < options.generations; generation++) {
      const programs = new Map<ProcessName, Program>();
      for (const name of new Set(options.contestants.map(processOf))) {
        const program = startProgram(name, library, options.probe, url);
        started.push(program);
        programs.set(name, program);
      }
      for (const workload of workloads) {
        step(`warming up: ${workload.workload}`);
        await warmUp(programs, options, workload);
      }
      const share = (generation + 1) / options.generations;
      for (const end = Math.round(options.rounds * share); index < end; index++) {
        if (performance.now() - start > budgetMs * share && index >= (generation + 1) * LEAST_ROUNDS) break;
        for (const workload of workloads) {
          step(`round ${index + 1} of ${options.rounds}: ${workload.workload}`);
          await runRound(programs, rotate(options.contestants, index), workload);
        }
      }
      for (const [name, program] of programs) {
        if (isFirst) result.residentBytes.set(name, [...(result.residentBytes.get(name) ?? []), program.residentBytes()]);
        const trace = await program.end();
        if (name === 'probe') result.traces.push(trace);
      }
    }
  } finally {
    await Promise.all(started.map((program) => program.end()));
  }
}

async function warmUp(programs: Map<ProcessName, Program>, { contestants, warmups }: Options, result: WorkloadResult): Promise<void> {
  const { workload } = result;
  if (result.operations === 0) {
    const bare = programOf(programs, 'bare');
    const order = { contestant: 'bare', workload, operations: CALIBRATION_OPERATIONS } as const;
    await bare.run(order);
    const { cpuMicros } = await bare.run(order);
    result.operations = Math.max(1000, Math.round((ROUND_CPU_MICROS / cpuMicros) * CALIBRATION_OPERATIONS));
  }
  for (let i = 0; i < warmups; i++) {
    for (const contestant of contestants) await programOf(programs, contestant).run({ contestant, workload, operations: operationsOf(contestant, result) });
  }
}

function operationsOf(contestant: Contestant, { operations }: WorkloadResult): number {
  return Math.round(operations / (FEWER[contestant] ?? 1));
}

/** One round of each contestant. */
async function runRound(programs: Map<ProcessName, Program>, contestants: Contestant[], result: WorkloadResult): Promise<void> {
  const { workload } = result;
  const round: Round = new Map();
  for (const contestant of contestants) {
    const operations = operationsOf(contestant, result);
    const { cpuMicros, mainThreadMicros, traceBytes, spans } = await programOf(programs, contestant).run({ contestant, workload, operations });
    round.set(contestant, { cpuMicros: cpuMicros / operations, mainThreadMicros: mainThreadMicros === null ? null : mainThreadMicros / operations });
    if (contestant === 'probe') result.traceBytes.push(traceBytes / operations);
    if (isRival(contestant)) result.spans.set(contestant, Object.fromEntries(Object.entries(spans).map(([kind, count]) => [kind, count / operations])));
  }
  result.rounds.push(round);
}

async function measureStartups({ startups, probe }: Options, step: (next: string) => void): Promise<Map<Started, Startup>[]> {
  const directory = mkdtempSync(join(tmpdir(), 'lifeguard-bench-'));
  try {
    const all: Map<Started, Startup>[] = [];
    for (let index = 0; index < startups; index++) {
      step(`start ${index + 1} of ${startups}`);
      const one = new Map<Started, Startup>();
      for (const variant of rotate(STARTED, index)) one.set(variant, await measureStartup(variant, probe, directory));
      all.push(one);
    }
    return all;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function programOf(programs: Map<ProcessName, Program>, contestant: Contestant): Program {
  const program = programs.get(processOf(contestant));
  if (program === undefined) throw new Error(`no program runs for ${contestant}`);
  return program;
}

/** Starts with another one each time, and goes backwards every other time, so that nobody always follows the same one. */
function rotate<Item>(items: readonly Item[], index: number): Item[] {
  const from = index % items.length;
  const rotated = [...items.slice(from), ...items.slice(0, from)];
  return Math.floor(index / items.length) % 2 === 1 ? rotated.toReversed() : rotated;
}
