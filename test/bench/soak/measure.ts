/** A bare program and two with the probe under full load side by side, for minutes: what they take, and whether it grows. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startDatabase } from '../../../scenarios/database/database.js';
import { cleanEnvironment, nodeArguments } from '../contestants.js';
import type { Answer, Question } from './program.js';
import { GrowingTrace } from './traces.js';

/** kept: with the probe, which keeps only the last of the trace. */
export const SOAKED = ['bare', 'probe', 'kept'] as const;
export type Soaked = (typeof SOAKED)[number];

/** How much of the trace is kept by the one that keeps only the last of it. */
export const KEEP = { text: '32MB', bytes: 32e6 } as const;

export interface Sample extends Answer {
  minutes: number;
}

export interface SoakedProgram {
  name: Soaked;
  /** Since the warm-up. */
  samples: Sample[];
  /** After full collections: at the end of the warm-up, and at the end of all. */
  collected: Sample[];
  trace: GrowingTrace;
}

export interface SoakMeasurement {
  minutes: number;
  warmupMinutes: number;
  programs: SoakedProgram[];
}

/** The young generation reaches its final size in the first minutes, and old code is thrown away. */
const WARMUP_SHARE = 0.2;
const MOST_SAMPLES = 120;
const LEAST_STEP_MS = 500;

/** @param step is told what comes next; what it throws ends the run. */
export async function measureSoak(minutes: number, probe: string, step: (next: string) => void): Promise<SoakMeasurement> {
  step('starting PostgreSQL');
  const database = await startDatabase();
  const running = SOAKED.map((name) => startProgram(name, probe, database.url));
  const start = performance.now();
  const elapsedMinutes = (): number => (performance.now() - start) / 60_000;
  const stepMs = Math.max(LEAST_STEP_MS, (minutes * 60_000) / MOST_SAMPLES);
  const warmupMinutes = minutes * WARMUP_SHARE;
  /** Asks all of them at once, so that they can be compared. */
  const askAll = async (question: 'sample' | 'collect', to: 'samples' | 'collected'): Promise<void> => {
    const now = elapsedMinutes();
    await Promise.all(running.map(async ({ program, ask }) => program[to].push({ ...(await ask(question)), minutes: now })));
  };
  const sampleUntil = async (end: number): Promise<void> => {
    while (elapsedMinutes() < end) {
      step(`soak: ${elapsedMinutes().toFixed(1)} of ${minutes} minutes`);
      await Promise.race([sleep(stepMs), ...running.map(({ gone }) => gone)]);
      await askAll('sample', 'samples');
      for (const { program } of running) program.trace.look();
    }
  };
  try {
    await sampleUntil(warmupMinutes);
    for (const { program } of running) program.samples.length = 0;
    await askAll('collect', 'collected');
    await sampleUntil(minutes);
    await askAll('collect', 'collected');
    await Promise.all(running.map(({ end }) => end()));
    for (const { program } of running) program.trace.finish();
    return { minutes, warmupMinutes, programs: running.map(({ program }) => program) };
  } finally {
    await Promise.all(running.map(({ remove }) => remove()));
    await database.stop();
  }
}

interface Running {
  program: SoakedProgram;
  /** Rejects when it ends before its time. */
  gone: Promise<never>;
  ask: (question: Question) => Promise<Answer>;
  /** Ends it. May be called twice. */
  end: () => Promise<void>;
  /** Ends it, and removes its folder. */
  remove: () => Promise<void>;
}

function startProgram(name: Soaked, probe: string, databaseUrl: string): Running {
  const directory = mkdtempSync(join(tmpdir(), 'lifeguard-soak-'));
  const child = fork(fileURLToPath(new URL('./program.js', import.meta.url)), [], {
    execArgv: nodeArguments(name === 'bare' ? 'bare' : 'probe', probe),
    env: { ...cleanEnvironment(), BENCH_DATABASE: databaseUrl, LIFEGUARD_DIR: directory, ...(name === 'kept' && { LIFEGUARD_KEEP: KEEP.text }) },
  });
  const exit = once(child, 'exit');
  const gone = exit.then(([code, signal]) => {
    throw new Error(`the soaked program "${name}" ended (${String(signal ?? `status ${String(code)}`)})`);
  });
  // Only of interest while somebody waits for an answer.
  gone.catch(() => {});
  const end = async (): Promise<void> => {
    if (child.connected) child.send('end' satisfies Question);
    await exit;
  };
  return {
    program: { name, samples: [], collected: [], trace: new GrowingTrace(directory, name === 'kept') },
    gone,
    async ask(question) {
      const answer = once(child, 'message') as Promise<[Answer]>;
      child.send(question);
      const [said] = await Promise.race([answer, gone]);
      return said;
    },
    end,
    async remove() {
      await end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
