/** What a sweep is: a service measured at rising concurrency. Types only; times are milliseconds. */
import type { CallSite } from '../model.js';

/** How many requests had to wait because a pool had no connection left, within a time. */
export interface Demand {
  /** Requests for a connection. */
  checkouts: number;
  /** Those that found as many before them as the pool holds: they had to wait for a release, however short. */
  waited: number;
  /** Of those that waited. */
  waitP99Ms: number;
  waitMaxMs: number;
  /** Those that were turned away, or still waited at the end. */
  unserved: number;
  /** The most connections of one pool that were asked for and not given back at once. */
  demandMax: number;
  /** At the end, all connections of a pool were held, or being opened for somebody. */
  exhausted: boolean;
}

export const STOPS = ['stalled', 'ended'] as const;
/** stalled: no answer came any more. ended: nothing listens any more, as the service's process has ended. */
export type Stop = (typeof STOPS)[number];

/** The service at one concurrency. */
export interface SweepStep extends Demand {
  /** Requests in flight at a time. */
  concurrency: number;
  /** Answers of any status. */
  requests: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Requests without an answer, or with another status than 2xx. */
  failed: number;
  firstError: string | null;
  stopped: Stop | null;
}

/** What was measured, before anything is concluded from it. */
export interface SweepRun {
  url: string;
  /** Without arguments that may be secrets. */
  command: string;
  from: number;
  to: number;
  /** ISO 8601. */
  startedAt: string;
  durationMs: number;
  /** By rising concurrency, each once. */
  steps: SweepStep[];
  /** Why it ended before its time, in words. */
  cutShort: string | null;
}

export const SWEEP_VERDICTS = ['starves', 'stops', 'queues', 'clear', 'inconclusive'] as const;
/**
 * starves: requests wait while the connections are held without working, or longer than the limit, or all connections are
 * held when the service stops answering. stops: it stops answering, and not for want of connections as far as was seen. queues: requests wait, shortly, for connections
 * that are busy with SQL. clear: none waited. inconclusive: nothing was seen of a pool.
 */
export type SweepVerdict = (typeof SWEEP_VERDICTS)[number];

/** The pool that requests waited for, or else the one that was used the most. */
export interface SweptPool {
  id: string;
  max: number;
  /** Half of the connections were held for longer. */
  heldMs: number;
  /** Share of the held time in which a statement ran. */
  sqlShare: number;
}

/** Who holds the connections: the line with the largest share of the time. */
export interface SweepCulprit {
  callSite: CallSite;
  /** In a few words: "awaiting a timer (100 ms)". */
  doing: string;
  /** Of all time in which connections were held; of the waiting time when it is known from that only; of the freeze. */
  share: number;
  of: 'held' | 'waited' | 'blocked';
}

export interface SweepReport {
  schemaVersion: 1;
  tool: { name: 'pg-lifeguard'; version: string };
  run: Omit<SweepRun, 'steps'>;
  verdict: SweepVerdict;
  /** One sentence for people. */
  summary: string;
  /** What else is to be said, a sentence each. */
  notes: string[];
  pool: SweptPool | null;
  culprit: SweepCulprit | null;
  /** The first concurrency at which requests wait for a connection. */
  firstWaitAt: number | null;
  /** The first at which the service stops answering. */
  stopsAt: number | null;
  /** The first at which requests that hold a connection wait for another one in vain, if that was proven. */
  deadlocksAt: number | null;
  /** The least concurrency that reaches the most throughput; null when it was still growing. */
  throughputStopsGrowingAt: number | null;
  steps: SweepStep[];
}
