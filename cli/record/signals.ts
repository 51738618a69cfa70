/** What the terminal or a supervisor sends to us is meant for the command: it gets each signal once. */
import type { Program } from './program.js';

/** Sent by a terminal to all that it runs. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT', 'SIGHUP'] as const;
/** Sent by people and supervisors to one process. */
const FROM_OTHERS = ['SIGTERM', 'SIGUSR2'] as const;

export interface SignalPassing {
  /** The last signal that asked for an end; null while none did. */
  asked(): NodeJS.Signals | null;
  stop(): void;
}

/**
 * Passes signals on until stopped. We stay alive meanwhile, to wait for the command and to report.
 * @param onAsked called when the end is asked for.
 */
export function passSignalsOn(program: Program, onAsked: () => void): SignalPassing {
  let asked: NodeJS.Signals | null = null;
  const undo: (() => void)[] = [];
  const listen = (signal: NodeJS.Signals, listener: () => void): void => {
    if (process.platform === 'win32' && signal !== 'SIGINT' && signal !== 'SIGTERM') return;
    process.on(signal, listener);
    undo.push(() => process.off(signal, listener));
  };
  const ask = (signal: NodeJS.Signals): void => {
    asked = signal;
    onAsked();
  };
  for (const signal of FROM_TERMINAL) {
    listen(signal, () => {
      program.signalAll(signal);
      ask(signal);
    });
  }
  for (const signal of FROM_OTHERS) {
    listen(signal, () => {
      program.signal(signal);
      if (signal === 'SIGTERM') ask(signal);
    });
  }
  // Ctrl-Z and fg: its group is no job of the shell's, where SIGTSTP would do nothing.
  listen('SIGTSTP', () => {
    program.signalAll('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  });
  listen('SIGCONT', () => program.signalAll('SIGCONT'));
  listen('SIGWINCH', () => program.signalAll('SIGWINCH'));
  return { asked: () => asked, stop: () => undo.forEach((undoOne) => undoOne()) };
}
