/**
 * The program's main thread, seen from another thread: takes samples of its stack through the inspector, by an interrupt of
 * V8's that is served in the middle of loops, regular expressions and `Atomics.wait`, and else when native code returns.
 * Nothing is paused and no debugger enabled; the session lasts as long as one question.
 */
import { readFileSync } from 'node:fs';
import type { Session } from 'node:inspector';
import { CONTROL, SESSION_STATES } from './ring.js';
import { sampleStack, type SampledFrame } from './stack-sample.js';

/** Deep enough to get through an ORM or a web framework to the application. */
const DEPTH = 60;

/** The stack, whether the program listens for a debugger, and when that was, on the clock of hrtime. */
const QUESTION = `[(${String(sampleStack)})(${DEPTH}), process.getBuiltinModule?.('node:inspector')?.url() !== undefined, process.hrtime()]`;

type Answer = [stack: SampledFrame[], isInspected: boolean, takenAt: [number, number]];

export interface Sample {
  /** null: it could not be taken. */
  stack: SampledFrame[] | null;
  /** Seconds and nanoseconds, as hrtime has them. */
  takenAt: [number, number];
  /** The program listens for a debugger, which may have stopped it. */
  isInspected: boolean;
  /** A debugger has stopped the program: it is not blocked. Only if that was asked for. */
  isPaused: boolean;
}

/** What the watchdog needs of the thread. */
export interface Sampler {
  /**
   * Asks for a sample; `done` is called once it is there, unless `close` comes before.
   * @param asksForPause whether to find out if a debugger has stopped the program, which costs one that listens for a
   * debugger some tens of milliseconds.
   * @returns false: it cannot be asked.
   */
  sample(done: (sample: Sample) => void, asksForPause: boolean): boolean;
  /** Forgets the question that is not answered. */
  close(): void;
}

export class MainThread implements Sampler {
  readonly #control: Int32Array;
  #session: Session | null = null;
  #isAvailable = true;

  constructor(control: Int32Array) {
    this.#control = control;
  }

  sample(done: (sample: Sample) => void, asksForPause: boolean): boolean {
    if (!this.#isAvailable || this.#session !== null) return false;
    // The program's exit waits for open sessions, and says so: whoever ends it has to know that there is one.
    const { none, open } = SESSION_STATES;
    if (Atomics.compareExchange(this.#control, CONTROL.session, none, open) !== none) return false;
    try {
      const inspector = process.getBuiltinModule('node:inspector');
      const session = new inspector.Session();
      this.#session = session;
      session.connectToMainThread();
      session.post('Runtime.evaluate', { expression: QUESTION, returnByValue: true, silent: true, disableBreaks: true }, (error, answer) => {
        if (this.#session !== session) return;
        const { result } = (answer ?? {}) as { result?: { value?: unknown } };
        if (error !== null || !Array.isArray(result?.value)) {
          return this.#finish(done, { stack: null, takenAt: process.hrtime(), isInspected: false, isPaused: false });
        }
        const [stack, isInspected, takenAt] = result.value as Answer;
        if (!isInspected || !asksForPause) return this.#finish(done, { stack, takenAt, isInspected, isPaused: false });
        this.#askWhetherPaused(session, (isPaused) => this.#finish(done, { stack, takenAt, isInspected, isPaused }));
      });
      return true;
    } catch {
      // A node without inspector, or one that forbids it: there are no samples then.
      this.#isAvailable = false;
      this.close();
      return false;
    }
  }

  close(): void {
    const session = this.#session;
    this.#session = null;
    try {
      session?.disconnect();
    } finally {
      const { none, open } = SESSION_STATES;
      Atomics.compareExchange(this.#control, CONTROL.session, open, none);
      Atomics.notify(this.#control, CONTROL.session);
    }
  }

  #finish(done: (sample: Sample) => void, sample: Sample): void {
    this.close();
    done(sample);
  }

  /** Only a session with the debugger enabled is told; another one's pause is not ended by that. */
  #askWhetherPaused(session: Session, done: (isPaused: boolean) => void): void {
    let isPaused = false;
    session.once('Debugger.paused', () => (isPaused = true));
    session.post('Debugger.enable', () => {
      if (this.#session === session) done(isPaused);
    });
  }
}

/** Whether it waits for something rather than works, as Linux tells; null where nobody does. */
export function isMainThreadWaiting(): boolean | null {
  if (process.platform !== 'linux') return null;
  try {
    const [, state] = /\) (\w) /.exec(readFileSync(`/proc/self/task/${process.pid}/stat`, 'latin1')) ?? [];
    return state === undefined ? null : state !== 'R';
  } catch {
    return null;
  }
}
