/** A started worker, and what can be asked of it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment, nodeArguments, PROCESSES, type Library, type ProcessName } from './contestants.js';
import type { Order, RoundResult } from './worker.js';

export interface Program {
  run: (order: Order) => Promise<RoundResult & { traceBytes: number }>;
  /** After its last round. */
  residentBytes: () => number;
  /** Ends it; returns what its trace says about itself. May be called twice. */
  end: () => Promise<TraceSummary>;
}

export interface TraceSummary {
  checkouts: number;
  lost: number;
  problems: string[];
}

/** @param probe URL of the preload. */
export function startProgram(name: ProcessName, library: Library, probe: string, databaseUrl: string): Program {
  const directory = mkdtempSync(join(tmpdir(), 'lifeguard-bench-'));
  const child = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), [library], {
    cwd: directory,
    execArgv: nodeArguments(PROCESSES[name], probe),
    env: { ...cleanEnvironment(), BENCH_DATABASE: databaseUrl, LIFEGUARD_DIR: directory, NODE_CLINIC_BUBBLEPROF_DATA_PATH: directory },
    // Clinic talks to whoever started it on descriptor 3.
    stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'ipc'],
  });
  const gone = new Promise<never>((_, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`the program "${name}" ended (${signal ?? `status ${code}`})`)));
  });
  // Only of interest while somebody waits for an answer.
  gone.catch(() => {});
  const end = async (): Promise<TraceSummary> => {
    if (child.connected) child.send('end');
    await gone.catch(() => {});
    const summary = summariseTraces(directory);
    rmSync(directory, { recursive: true, force: true });
    return summary;
  };
  let residentBytes = 0;
  let ended: Promise<TraceSummary> | null = null;
  return {
    async run(order) {
      const before = folderSize(directory);
      const answer = once(child, 'message') as Promise<[RoundResult]>;
      child.send(order);
      const [result] = await Promise.race([answer, gone]);
      ({ residentBytes } = result);
      return { ...result, traceBytes: folderSize(directory) - before };
    },
    residentBytes: () => residentBytes,
    end: () => (ended ??= end()),
  };
}

function folderSize(directory: string): number {
  return tracesIn(directory).reduce((sum, path) => sum + statSync(path).size, 0);
}

function tracesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.ndjson')).map((name) => join(directory, name));
}

/** Reads lines by their looks only: a trace of a long run is large. */
function summariseTraces(directory: string): TraceSummary {
  const summary: TraceSummary = { checkouts: 0, lost: 0, problems: [] };
  for (const path of tracesIn(directory)) {
    for (const line of readFileSync(path, 'latin1').split('\n')) {
      if (line.startsWith('{"type":"checkout"') && line.includes('"outcome"')) summary.checkouts++;
      else if (line.startsWith('{"type":"lost"')) summary.lost += (JSON.parse(line) as { events: number }).events;
      else if (line.startsWith('{"type":"problem"')) summary.problems.push((JSON.parse(line) as { message: string }).message);
    }
  }
  return summary;
}
