/** In a millisecond. */
export const US = 1000;

/** Milliseconds to whole microseconds: no trace is more exact. */
export function toUs(ms: number): number {
  return Math.round(ms * US);
}
