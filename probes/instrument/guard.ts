/** The host always wins: what of ours fails is noted and has no effect. */
import type { Recorder } from '../recorder/recorder.js';

export class Guard {
  readonly #recorder: Recorder;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** What `body` returns; undefined when it throws, which is recorded as a problem at `where`. */
  run<Result>(where: string, body: () => Result): Result | undefined {
    try {
      return body();
    } catch (error) {
      try {
        this.#recorder.problem(where, error);
      } catch {
        // There is nothing left to tell it to.
      }
      return undefined;
    }
  }
}

/** SQLSTATE or system error code; else the error's class. Never its message, which may hold values. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'Error';
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code)) return code;
  return typeof name === 'string' ? name.slice(0, 40) : 'Error';
}
