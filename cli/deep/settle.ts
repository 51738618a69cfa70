/** Ends the collecting before the program is ended: what is not written then is lost. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { pathsOf, pidOf, stopFile } from '../../probes/deep/files.js';
import { isAlive } from '../record/is-alive.js';
import type { Program } from '../record/program.js';

/** A program whose event loop is blocked does not answer; it is not waited for any longer. */
const MOST_MS = 2_000;
const POLL_MS = 20;

/** Resolves when all processes that collect have written what they had, or at the latest after two seconds. */
export async function settleDeep(folder: string): Promise<void> {
  writeFileSync(stopFile(folder), '');
  for (const deadline = performance.now() + MOST_MS; performance.now() < deadline; await delay(POLL_MS)) {
    const pids = readdirSync(folder).map(pidOf);
    if (pids.every((pid) => pid === null || existsSync(pathsOf(folder, pid).done) || !isAlive(pid))) return;
  }
}

const ENDS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGTERM'];

/** The program, as what passes signals on to it is to see it: before one that may end it, `settle` is waited for. */
export function settleFirst(program: Program, settle: () => Promise<void>): Program {
  const after = (pass: (signal: NodeJS.Signals) => void) => (signal: NodeJS.Signals) => {
    if (ENDS.includes(signal)) void settle().then(() => pass(signal));
    else pass(signal);
  };
  return { ...program, signal: after((signal) => program.signal(signal)), signalAll: after((signal) => program.signalAll(signal)) };
}
