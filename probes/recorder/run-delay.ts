/** How long a thread was ready to run and had no processor: on a machine with too much to do, that looks as if it were blocked. */
import { readFileSync } from 'node:fs';

/** The program's thread, as seen from another one: the first of a process has its number. */
export const MAIN_THREAD = `self/task/${process.pid}`;

let isKnown = process.platform === 'linux';

/**
 * In milliseconds since the thread began; 0 where it is not known.
 * @param thread its folder in /proc; default: the one that asks.
 */
export function runDelayMs(thread = 'thread-self'): number {
  if (!isKnown) return 0;
  try {
    // Linux says it in nanoseconds: time on a processor, time of waiting for one, number of slices.
    const delay = Number(readFileSync(`/proc/${thread}/schedstat`, 'latin1').split(' ')[1]);
    if (Number.isFinite(delay)) return delay / 1e6;
  } catch {
    // Not there, or not allowed.
  }
  isKnown = false;
  return 0;
}
