/** The moments of checkouts as columns, in the order of their list. NaN: it was never acquired, or had not ended. */
export interface Times {
  requestedMs: Float64Array;
  acquiredMs: Float64Array;
  endedMs: Float64Array;
}

export function emptyTimes(length: number): Times {
  return { requestedMs: new Float64Array(length), acquiredMs: new Float64Array(length), endedMs: new Float64Array(length) };
}

/** A moment, or another one where there is none. */
export function orElse(ms: number, otherMs: number): number {
  return Number.isNaN(ms) ? otherMs : ms;
}

/** When the one at `index` ended; without an end of its own, at the end of its trace. */
export function endAt({ acquiredMs, endedMs }: Times, index: number, traceEndMs: number): number {
  return orElse(endedMs[index] as number, Math.max(traceEndMs, orElse(acquiredMs[index] as number, 0)));
}
