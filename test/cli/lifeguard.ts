/** The built command line as a child process. */
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eventually, isRunning } from '../support/eventually.js';
import { projectFolder, ROOT } from '../support/folder.js';

export const MAIN = join(ROOT, 'dist/cli/main.js');

export interface Said {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Lines of stderr that are ours. */
  words: string[];
}

export interface Running {
  pid: number;
  kill(signal: NodeJS.Signals): void;
}

export interface Options {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Given each whole line of stdout or stderr. */
  onLine?: (line: string, running: Running) => void;
  /** It leads a process group, as in a terminal. */
  group?: boolean;
}

/**
 * Records with this --duration; if the program did not come as far as it should, with a longer one: a busy machine takes
 * seconds to start node.
 */
export async function recordForLong(t: ExecutionContext, seconds: number, words: readonly string[], isFar: (said: Said) => boolean, options: Options = {}): Promise<Said> {
  const said = await lifeguard(t, ['record', '--duration', String(seconds), ...words], options);
  return isFar(said) || seconds > 30 ? said : recordForLong(t, seconds * 4, words, isFar, options);
}

/** Runs `lifeguard` with these words to its end. */
export async function lifeguard(t: ExecutionContext, words: readonly string[], options: Options = {}): Promise<Said> {
  const { NODE_OPTIONS: _, NO_COLOR: _no, FORCE_COLOR: _force, LIFEGUARD_DEBUG: _debug, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: options.cwd ?? projectFolder(t),
    env: { ...env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.group ?? false,
  });
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
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      const words = said.stderr.split('\n').filter((line) => line.startsWith('lifeguard: '));
      resolve({ status, signal, ...said, words });
    });
  });
}

/** A folder with these files, from which our dependencies can be imported; those with a #! line are executable. */
export function folderWith(t: ExecutionContext, files: Record<string, string>): string {
  const folder = projectFolder(t);
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (text.startsWith('#!')) chmodSync(file, 0o755);
  }
  return folder;
}

/** Asserts that the tool gave up as the contract says: exit 2, and nothing but one line on stderr. */
export function isOneLine(t: ExecutionContext, said: Said, pattern: RegExp): void {
  t.is(said.status, 2, said.stderr);
  t.is(said.stdout, '');
  t.regex(said.stderr, /^lifeguard: [^\n]+\n$/);
  t.regex(said.stderr, pattern);
}

/** Asserts that a process that would run for ever has been ended; the system may keep its entry for a moment. */
export async function isGone(t: ExecutionContext, pid = 0): Promise<void> {
  t.true(pid > 0, 'the program never said its pid');
  await eventually(`process ${pid} has gone`, () => !isRunning(pid));
}
