/**
 * What the deep mode leaves beside a trace: for its blamed awaits the asynchronous operations that led to their end, as
 * clinic's async_hooks trace has them. Written when the recording ends, so that neither clinic nor its data is needed
 * afterwards. Types, and the list that makes one.
 *
 * Times are milliseconds since the trace's start; a stack is an index, -1 for none.
 */
import type { RawFrame, TraceHeader } from '../../probes/trace/events.js';

export const DEEP_VERSION = 1;

export const STEP_ROLES = ['origin', 'awaited', 'completed', 'resumed'] as const;
/**
 * origin: it led to the gap. In the gap: awaited, a promise that was waited for; completed, an operation whose completion
 * began a turn of the event loop; resumed, what ran in that turn and so on until the program went on.
 */
export type StepRole = (typeof STEP_ROLES)[number];

/** One asynchronous operation of a chain. */
export interface RawStep {
  asyncId: number;
  /** async_hooks' name for it: "Timeout", "TCPWRAP", "PROMISE", or that of an AsyncResource. */
  type: string;
  role: StepRole;
  /** What it was created in. */
  executionAsyncId: number;
  /** What caused it; of a promise, the one that it derives from. */
  triggerAsyncId: number;
  createdMs: number;
  /** When its callback or job ran that counts here; null: none did. */
  ranMs: number | null;
  stack: number;
}

/** Of one gap, in the order in which the operations were created. */
export interface RawChain {
  /** The number that the trace gave to it. */
  checkout: number;
  startMs: number;
  ms: number;
  /** What the probe says that was waited for in it, as far as that has a number of async_hooks'. */
  waits: { startMs: number; asyncId: number }[];
  steps: RawStep[];
}

export interface DeepFile {
  version: number;
  /** Of @clinic/bubbleprof. */
  clinic: string;
  /** Name of clinic's page in the same folder; null: there is none. */
  graph: string | null;
  chains: RawChain[];
  stacks: RawFrame[][];
}

/** Whether a trace was recorded in deep mode. */
export function isDeep({ header }: { header: TraceHeader }): boolean {
  return header.hrtimeMs !== undefined;
}

/** The name of a trace's deep file, or of its graph: beside it, with another ending. A trace may have several parts. */
export function besideTrace(trace: string, ending: 'deep.json' | 'clinic.html'): string {
  return trace.replace(/(?:\.part\d+)?(?:\.ndjson(?:\.gz)?)?$/, `.${ending}`);
}
