/** Upper edges of the bins of every distribution of durations, in milliseconds; one more bin takes the rest. */
export const DURATION_EDGES_MS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000] as const;

/** The bin of a duration. */
export function binOf(ms: number): number {
  const bin = DURATION_EDGES_MS.findIndex((edge) => ms < edge);
  return bin < 0 ? DURATION_EDGES_MS.length : bin;
}
