/** When the traces of a run began, on one clock. */
import type { TraceHeader } from '../../probes/trace/events.js';

/** Clocks that are kept in step with others move by less. */
const STEP_MS = 1000;

export interface Start<Trace> {
  trace: Trace;
  /** Epoch milliseconds. */
  atMs: number;
  /** By so much the machine's clock was ahead of what it had been for the first trace of that machine; 0: it was not set since. */
  setMs: number;
}

/** In the order of `traces`. Where the clock was set between two of them, the first one's says when the other began. */
export function readStarts<Trace extends { header: TraceHeader }>(traces: readonly Trace[]): Start<Trace>[] {
  const firsts = new Map<string, { startedAt: number; ms: number }>();
  for (const { header: { boot, startedAt } } of traces) {
    if (boot === undefined) continue;
    const [id, ms] = boot;
    const first = firsts.get(id);
    if (first === undefined || ms < first.ms) firsts.set(id, { startedAt, ms });
  }
  return traces.map((trace) => {
    const { boot, startedAt } = trace.header;
    const first = boot === undefined ? undefined : firsts.get(boot[0]);
    if (boot === undefined || first === undefined) return { trace, atMs: startedAt, setMs: 0 };
    const atMs = first.startedAt + boot[1] - first.ms;
    const setMs = startedAt - atMs;
    return Math.abs(setMs) < STEP_MS ? { trace, atMs: startedAt, setMs: 0 } : { trace, atMs, setMs };
  });
}
