import type { Checkout } from '../model.js';

/** So many steps for each checkout, on average, put a trace in order: its lines are nearly so. */
const STEPS = 64;

/** The checkouts by the time of their request; those of one time stay as they are. `checkouts` may be changed. */
export function sortByRequest<C extends Checkout>(checkouts: C[]): C[] {
  const times = new Float64Array(checkouts.length);
  for (let index = 0; index < times.length; index += 1) times[index] = (checkouts[index] as C).requestedMs;
  let steps = checkouts.length * STEPS;
  for (let index = 1; index < times.length; index += 1) {
    const ms = times[index] as number;
    if (ms >= (times[index - 1] as number)) continue;
    const checkout = checkouts[index] as C;
    let at = index;
    for (; at > 0 && (times[at - 1] as number) > ms; at -= 1) {
      times[at] = times[at - 1] as number;
      checkouts[at] = checkouts[at - 1] as C;
    }
    times[at] = ms;
    checkouts[at] = checkout;
    steps -= index - at;
    // Several traces in one, or an odd one: then the general way is the shorter one.
    if (steps < 0) return checkouts.toSorted((a, b) => a.requestedMs - b.requestedMs);
  }
  return checkouts;
}
