/** What the terminal or a supervisor sends to us is meant for the command: it gets each signal once. */
import type { Program } from './program.js';

/** Sent by a terminal to all that it runs. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGWINCH', 'SIGCONT'] as const;
/** Sent by people and supervisors to one process. */
const FROM_OTHERS = ['SIGTERM', 'SIGUSR2'] as const;
/** Those by which an end is asked for. */
const ENDS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGTERM'];

export interface CaughtSignals {
  /** Aborted when somebody asks for the end. */
  asked: AbortSignal;
  /** From now on; with those that came since. */
  passTo(program: Program): void;
  stop(): void;
}

/**
 * Catches signals, from before the command starts, as it may be faster than we are. We stay alive meanwhile, to wait for
 * the command and to report.
 */
export function catchSignals(): CaughtSignals {
  const asked = new AbortController();
  const undo: (() => void)[] = [];
  const early: ((program: Program) => void)[] = [];
  let target: Program | null = null;
  const on = (signal: NodeJS.Signals, pass: (program: Program) => void): void => {
    if (process.platform === 'win32' && signal !== 'SIGINT' && signal !== 'SIGTERM') return;
    const listener = (): void => {
      if (target === null) early.push(pass);
      else pass(target);
      if (ENDS.includes(signal)) asked.abort();
    };
    process.on(signal, listener);
    undo.push(() => process.off(signal, listener));
  };
  for (const signal of FROM_TERMINAL) on(signal, (program) => program.signalAll(signal));
  for (const signal of FROM_OTHERS) on(signal, (program) => program.signal(signal));
  // Ctrl-Z: its group is no job of the shell's, where SIGTSTP would do nothing.
  on('SIGTSTP', (program) => {
    program.signalAll('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  });
  return {
    asked: asked.signal,
    passTo(program) {
      target = program;
      for (const pass of early) pass(program);
    },
    stop: () => undo.forEach((undoOne) => undoOne()),
  };
}
