/** Services that are made of numbers, and steps of them. */
import type { SweepRun, SweepStep } from '../../reports/sweep/model.js';

export const QUIET: SweepStep = {
  concurrency: 1, requests: 100, requestsPerSecond: 10, p50Ms: 100, p99Ms: 110, maxMs: 120, failed: 0, firstError: null, stopped: null,
  checkouts: 100, waited: 0, waitP99Ms: 0, waitMaxMs: 0, unserved: 0, demandMax: 1, exhausted: false,
};

export interface Model {
  /** Requests beyond this wait. */
  pool: number;
  /** From here on it answers nothing. */
  stopsAt?: number;
  /** From here on some requests fail. */
  failsAt?: number;
  /** Throughput grows up to here. */
  growsTo?: number;
}

/** What a step of such a service would be. */
export function stepOf({ pool, stopsAt = Infinity, failsAt = Infinity, growsTo = pool }: Model, concurrency: number): SweepStep {
  if (concurrency >= stopsAt) return { ...QUIET, concurrency, requests: 0, requestsPerSecond: 0, stopped: 'stalled', exhausted: true };
  const waited = concurrency > pool ? 100 : 0;
  return { ...QUIET, concurrency, requestsPerSecond: 10 * Math.min(concurrency, growsTo), waited, waitP99Ms: waited, waitMaxMs: waited, failed: concurrency >= failsAt ? 3 : 0 };
}

export function runOf(steps: SweepStep[], from = 1, to = 64): SweepRun {
  return { url: 'http://127.0.0.1:3000/', command: 'node app.js', from, to, startedAt: '2026-01-02T03:04:05.000Z', durationMs: 20_000, steps, cutShort: null };
}
