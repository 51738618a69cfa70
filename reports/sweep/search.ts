/** In which order a sweep measures: coarse steps first, then exactly where something changes. Pure but for `measure`. */
import type { SweepStep } from './model.js';

export interface Search {
  from: number;
  to: number;
  measure: (concurrency: number) => Promise<SweepStep>;
  /** Sizes of the pools, as far as they are known by now: something may change right above them. */
  poolSizes: () => number[];
  /** Asked before each step. */
  goesOn: (step: SweepStep) => boolean;
}

/**
 * Requests that waited, as a share of all, from which on a step is said to wait: a single one may have come between an
 * answer and the release that follows it.
 */
const WAITING_SHARE = 0.05;
/** Less than that is no growth: two steps of the same service differ by as much. */
const GROWTH = 1.05;

/** Whether requests of this step waited for a connection. */
export function waits({ waited, checkouts, unserved }: SweepStep): boolean {
  return unserved > 0 || (waited > 1 && waited >= checkouts * WAITING_SHARE);
}

/**
 * Doubles the concurrency until the service stops answering, or throughput has stopped growing after requests began to
 * wait, or the end is reached; and halves the distances in which the first wait, the first failure and the first stop
 * lie, down to one. So there are a few times log2(to) steps at most.
 */
export async function search({ from, to, measure, poolSizes, goesOn }: Search): Promise<SweepStep[]> {
  const steps = new Map<number, SweepStep>();
  const step = async (concurrency: number): Promise<boolean> => {
    const measured = await measure(concurrency);
    steps.set(concurrency, measured);
    return goesOn(measured);
  };
  const sorted = (): SweepStep[] => [...steps.values()].toSorted((a, b) => a.concurrency - b.concurrency);

  const refine = async (isOver: (step: SweepStep) => boolean): Promise<boolean> => {
    for (;;) {
      const over = sorted().find(isOver);
      if (over === undefined) return true;
      const high = over.concurrency;
      const low = Math.max(from - 1, ...[...steps.keys()].filter((concurrency) => concurrency < high));
      if (high - low <= 1) return true;
      // The pool's size, and one more, are where it happens most often.
      const near = poolSizes().flatMap((size) => [size, size + 1]).find((hint) => hint > low && hint < high);
      if (!(await step(near ?? Math.floor((low + high) / 2)))) return false;
    }
  };

  let flat = 0;
  let best = 0;
  let waitsKnown = false;
  let failsKnown = false;
  for (let concurrency = from; ; concurrency = Math.min(to, concurrency * 2)) {
    if (!(await step(concurrency))) break;
    const last = steps.get(concurrency);
    if (last === undefined) break;
    const waitedBefore = waitsKnown;
    if (!waitsKnown && (waits(last) || last.stopped !== null)) {
      waitsKnown = true;
      if (!(await refine((one) => waits(one) || one.stopped !== null))) break;
    }
    if (!failsKnown && last.failed > 0 && last.stopped === null) {
      failsKnown = true;
      if (!(await refine((one) => one.failed > 0 || one.stopped !== null))) break;
    }
    if (last.stopped !== null) {
      await refine((one) => one.stopped !== null);
      break;
    }
    // Below, a machine that was busy with something else would look like a limit.
    flat = last.requestsPerSecond > best * GROWTH || !waitedBefore ? 0 : flat + 1;
    best = Math.max(best, last.requestsPerSecond);
    if (concurrency === to || (waitsKnown && flat >= 2)) break;
  }
  return sorted();
}

/** The least concurrency that reaches the most throughput, when a higher one was measured and did not do better. */
export function findKnee(steps: readonly SweepStep[]): number | null {
  const answering = steps.filter(({ stopped }) => stopped === null);
  const most = Math.max(0, ...answering.map(({ requestsPerSecond }) => requestsPerSecond));
  const knee = answering.find(({ requestsPerSecond }) => requestsPerSecond * GROWTH >= most);
  return knee === undefined || most === 0 || knee.concurrency === steps.at(-1)?.concurrency ? null : knee.concurrency;
}
