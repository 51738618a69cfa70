/** Node programs as child processes, recorded by the probe or not. */
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { withProbe } from '../../probes/preload.js';
import type { TraceHeader, TraceLine } from '../../probes/trace/events.js';
import { projectFolder } from './folder.js';

export interface ProgramOptions {
  /** File names, relative to the program's folder, and texts. The first is the entry, unless `entry` names one. */
  files: Record<string, string>;
  entry?: string;
  args?: string[];
  /** Options of node, before the entry. */
  nodeArgs?: string[];
  /** Added to ours. */
  env?: NodeJS.ProcessEnv;
  /** Given a line of stdout or stderr and the process; for programs that are to be driven or killed. */
  onLine?: (line: string, child: { pid: number; kill(signal: NodeJS.Signals): void }) => void;
}

export interface ProgramResult {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Absolute path of the folder that the program ran in. */
  folder: string;
}

export interface Trace {
  file: string;
  header: TraceHeader;
  lines: TraceLine[];
}

/** Runs a program to its end. Its files lie in a temporary folder from which `pg` and the like can be imported. */
export async function runProgram(t: ExecutionContext, options: ProgramOptions): Promise<ProgramResult> {
  const folder = projectFolder(t);
  for (const [name, text] of Object.entries(options.files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const entry = options.entry ?? Object.keys(options.files)[0] ?? '';
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), join(folder, entry), ...(options.args ?? [])], {
    cwd: folder,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Whatever happens to the test, the program goes with it.
  t.teardown(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    let rest = '';
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) options.onLine?.(line, { pid: child.pid ?? 0, kill: (signal) => void child.kill(signal) });
    });
  }
  const { status, signal } = await new Promise<Pick<ProgramResult, 'status' | 'signal'>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, name) => resolve({ status: code, signal: name }));
  });
  return { status, signal, ...said, folder };
}

/** Runs a program under the probe and gives back what was recorded, by starting time: one trace a process or thread. */
export async function recordProgram(t: ExecutionContext, options: ProgramOptions): Promise<ProgramResult & { directory: string; traces: Trace[] }> {
  const directory = join(projectFolder(t), 'traces');
  const result = await runProgram(t, { ...options, env: withProbe({ ...process.env, ...options.env }, directory) });
  return { ...result, directory, traces: readTraces(directory) };
}

/** All traces in a folder; none when there is no such folder. A cut-off last line is left out, and a file that has only that. */
export function readTraces(directory: string): Trace[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).filter((name) => /\.ndjson(\.gz)?$/.test(name));
  const traces = names.flatMap((name): Trace[] => {
    const file = join(directory, name);
    const bytes = readFileSync(file);
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    if (!text.includes('\n')) return [];
    const lines = text.slice(0, text.lastIndexOf('\n')).split('\n').filter((line) => line !== '').map((line): TraceLine => JSON.parse(line));
    const [header] = lines;
    if (header?.type !== 'trace') throw new Error(`${file} does not start with a trace's header`);
    return [{ file, header, lines }];
  });
  return traces.toSorted((a, b) => a.header.startedAt - b.header.startedAt);
}

/** The lines of one type. */
export function linesOf<Type extends TraceLine['type']>(trace: Trace, type: Type): Extract<TraceLine, { type: Type }>[] {
  return trace.lines.filter((line): line is Extract<TraceLine, { type: Type }> => line.type === type);
}
