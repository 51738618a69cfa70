/** How long this thread was ready to run and had no processor: on a machine with too much to do, that looks as if it were blocked. */
import { readFileSync } from 'node:fs';

/** Linux says it, in nanoseconds: time on a processor, time of waiting for one, number of slices. */
const FILE = '/proc/thread-self/schedstat';

let isKnown = process.platform === 'linux';

/** In milliseconds since the thread began; 0 where it is not known. */
export function runDelayMs(): number {
  if (!isKnown) return 0;
  try {
    const delay = Number(readFileSync(FILE, 'latin1').split(' ')[1]);
    if (Number.isFinite(delay)) return delay / 1e6;
  } catch {
    // Not there, or not allowed.
  }
  isKnown = false;
  return 0;
}
