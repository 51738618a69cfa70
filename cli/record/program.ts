/** The user's command as a tree of processes: started, signalled and ended as a whole. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ToolError } from '../errors.js';
import { guard } from './guard.js';
import { listTree } from './processes.js';

/** How a command came to its end. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Program {
  pid: number;
  /** The command itself has ended; processes that it started may go on. */
  ended: Promise<Ending>;
  /** Whether it or anything that it started still runs. */
  isRunning(): boolean;
  /** To the command alone, as `kill` would. */
  signal(signal: NodeJS.Signals): void;
  /** To the command and what it started, as the terminal does on Ctrl-C. */
  signalAll(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL for whatever is still there after the grace. Resolves when nothing is left; says how much it had to end. */
  end(graceMs: number): Promise<number>;
}

export interface StartOptions {
  env: NodeJS.ProcessEnv;
  /** Where the command's stdout goes: to ours, or to our stderr when ours belongs to a report. */
  output: 'stdout' | 'stderr';
  cwd?: string;
}

/** A leader that does not pass SIGTERM on (a shell waiting for its foreground command) gets this long before all others get it. */
const LEADER_ALONE_MS = 1_000;
const POLL_MS = 25;

/**
 * Starts a command without a shell: its arguments arrive as they are. It leads a session of its own, so that the whole
 * tree can be signalled; what the terminal sends to us is passed on by `passSignalsOn`.
 * @throws ToolError when it cannot be started.
 */
export async function startProgram(command: readonly string[], options: StartOptions): Promise<Program> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    env: options.env,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    stdio: ['inherit', options.output === 'stdout' ? 'inherit' : 2, 'inherit'],
    detached: process.platform !== 'win32',
    // npm and npx are .cmd files there, which only a shell can start.
    shell: process.platform === 'win32',
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error: NodeJS.ErrnoException) => reject(new ToolError(cannotStart(command, error))));
  });
  const { pid = 0 } = child;
  const release = guard(pid);
  let running = true;
  const ended = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => {
      running = false;
      resolve({ code, signal });
    });
  });
  const program: Program = {
    pid,
    ended,
    isRunning: () => running || listTree(pid).length > 0,
    signal: (signal) => void (running && child.kill(signal)),
    signalAll: (signal) => (process.platform === 'win32' ? void child.kill(signal) : signalEach([{ pid: -pid }], signal)),
    async end(graceMs) {
      const count = process.platform === 'win32' ? await endOnWindows(pid, ended, running) : await endTree(program, () => running, graceMs);
      await release();
      return count;
    },
  };
  return program;
}

async function endTree(program: Program, leads: () => boolean, graceMs: number): Promise<number> {
  let left = listTree(program.pid);
  const count = left.length;
  const deadline = performance.now() + graceMs;
  // First the command alone: npm and process managers pass the signal on, and a program that gets it twice may cut its farewell short.
  program.signal('SIGTERM');
  await wait(Math.min(deadline, performance.now() + LEADER_ALONE_MS), leads);
  left = listTree(program.pid, left);
  signalEach(left.filter(({ pid }) => pid !== program.pid), 'SIGTERM');
  await wait(deadline, () => (left = listTree(program.pid, left)).length > 0);
  // Again and again, as a process may have forked between the look and the signal.
  for (; left.length > 0; left = listTree(program.pid, left)) {
    signalEach(left, 'SIGKILL');
    await delay(POLL_MS);
  }
  await program.ended;
  return count;
}

async function wait(untilMs: number, goOn: () => boolean): Promise<void> {
  while (goOn() && performance.now() < untilMs) await delay(POLL_MS);
}

async function endOnWindows(pid: number, ended: Promise<Ending>, running: boolean): Promise<number> {
  if (!running) return 0;
  spawn('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' });
  await ended;
  return 1;
}

function signalEach(targets: readonly { pid: number }[], signal: NodeJS.Signals): void {
  for (const { pid } of targets) {
    try {
      process.kill(pid, signal);
    } catch {
      // it has ended meanwhile, or belongs to another user
    }
  }
}

function cannotStart(command: readonly string[], error: NodeJS.ErrnoException): string {
  const [file = ''] = command;
  const name = JSON.stringify(file);
  // A folder of PATH that may not be entered gives the same error as a file that may not be run.
  if (error.code === 'EACCES' && (file.includes('/') || isInPath(file))) {
    const hint = /\.[cm]?[jt]s$/.test(file) ? `; to run it: -- node ${file}` : '';
    return `cannot start ${name}: it is not an executable file${hint}`;
  }
  if (error.code !== 'ENOENT' && error.code !== 'EACCES') return `cannot start ${name}: ${error.message}`;
  if (/\s/.test(file) && command.length === 1) {
    return `cannot start ${name}: there is no such command; write its arguments as words of their own (-- node app.js), or a shell line as -- sh -c ${name}`;
  }
  if (file.includes('/')) return `cannot start ${name}: ${existsSync(file) ? 'its interpreter (first line) does not exist' : 'there is no such file'}`;
  const hint = existsSync(file) ? `; to run the file: -- ${/\.[cm]?[jt]s$/.test(file) ? 'node ' : './'}${file}` : '';
  return `cannot start ${name}: there is no such command in PATH${hint}`;
}

function isInPath(file: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, file)));
}

/** The status that a shell would report: the exit code, or 128 and the signal's number. */
export function statusOf({ code, signal }: Ending): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** "ended with status 1", "was ended by SIGKILL". */
export function describeEnding({ code, signal }: Ending): string {
  return signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
}
