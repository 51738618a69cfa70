import type { Checkout } from '../model.js';
import { RecordedCheckout } from './recorded-checkout.js';

/** The moments of checkouts as columns, in the order of their list. NaN: it was never acquired, or had not ended. */
export interface Times {
  requestedMs: Float64Array;
  acquiredMs: Float64Array;
  endedMs: Float64Array;
}

const known = new WeakMap<readonly Checkout[], Times>();

/** Read once for each list: what goes through a million of them for their times alone does so several times faster here. */
export function timesOf(checkouts: readonly Checkout[]): Times {
  let times = known.get(checkouts);
  if (times === undefined) known.set(checkouts, (times = readTimes(checkouts)));
  return times;
}

function readTimes(checkouts: readonly Checkout[]): Times {
  const [requestedMs, acquiredMs, endedMs] = [0, 0, 0].map(() => new Float64Array(checkouts.length)) as [Float64Array, Float64Array, Float64Array];
  const times = { requestedMs, acquiredMs, endedMs };
  for (let index = 0; index < checkouts.length; index += 1) {
    const checkout = checkouts[index] as Checkout;
    if (checkout instanceof RecordedCheckout) checkout.copyTimes(times, index);
    else {
      requestedMs[index] = checkout.requestedMs;
      acquiredMs[index] = checkout.acquiredMs ?? Number.NaN;
      endedMs[index] = checkout.endedMs ?? Number.NaN;
    }
  }
  return times;
}

/** A moment, or another one where there is none. */
export function orElse(ms: number, otherMs: number): number {
  return Number.isNaN(ms) ? otherMs : ms;
}

/** When the one at `index` ended; without an end of its own, at the end of its trace. */
export function endAt({ acquiredMs, endedMs }: Times, index: number, traceEndMs: number): number {
  return orElse(endedMs[index] as number, Math.max(traceEndMs, orElse(acquiredMs[index] as number, 0)));
}
