import { waits } from '../sweep/search.js';
import type { Stop, SweepReport } from '../sweep/model.js';
import { visibleText } from './visible-text.js';

export interface PageSweepStep {
  concurrency: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers; without any, the times above say nothing. */
  requests: number;
  failed: number;
  /** Share of the requests for a connection that had to wait, and how long at most. */
  waitedShare: number;
  waitMaxMs: number;
  waits: boolean;
  stopped: Stop | null;
}

/** What the page shows of a sweep. */
export interface PageSweep {
  url: string;
  command: string;
  notes: string[];
  poolMax: number | null;
  firstWaitAt: number | null;
  stopsAt: number | null;
  throughputStopsGrowingAt: number | null;
  steps: PageSweepStep[];
}

export function buildPageSweep({ run, notes, pool, firstWaitAt, stopsAt, throughputStopsGrowingAt, steps }: SweepReport): PageSweep {
  return {
    url: visibleText(run.url),
    command: visibleText(run.command),
    notes: notes.map((note) => visibleText(note)),
    poolMax: pool?.max ?? null,
    firstWaitAt,
    stopsAt,
    throughputStopsGrowingAt,
    steps: steps.map((step) => ({
      concurrency: step.concurrency,
      requestsPerSecond: step.requestsPerSecond,
      p50Ms: step.p50Ms,
      p99Ms: step.p99Ms,
      requests: step.requests,
      failed: step.failed,
      waitedShare: step.waited / Math.max(1, step.checkouts),
      waitMaxMs: step.waitMaxMs,
      waits: waits(step),
      stopped: step.stopped,
    })),
  };
}
