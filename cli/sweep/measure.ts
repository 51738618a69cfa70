/** One step of a sweep: so many requests at a time, how they were answered, and how many waited for a connection. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DemandLog } from '../../reports/sweep/demand.js';
import type { Demand, Stop, SweepStep } from '../../reports/sweep/model.js';
import { driveLoad, type LoadResult } from '../../scenarios/load/load.js';
import type { RequestPlan } from '../load/options.js';
import type { SweptService } from './service.js';

export interface MeasureOptions {
  requests: Omit<RequestPlan, 'connections'>;
  patienceMs: number;
  service: SweptService;
  demand: DemandLog;
  /** Reads what the traces have got since. */
  readTraces: () => void;
  asked: AbortSignal;
  onProgress: (concurrency: number, fraction: number, requestsPerSecond: number) => void;
}

export interface Gauge {
  /** Whether one request is answered, and well; null: yes, else what is wrong. */
  tryOut(): Promise<string | null>;
  measure(concurrency: number): Promise<SweepStep>;
}

const POLL_MS = 100;
/** The probe writes twenty times a second. */
const WRITTEN_MS = 150;
/** A step lasts for as many answers in a row on each connection, within limits. */
const ROUNDS = 5;
const LONGEST_STEP_S = 10;
const PATIENCE_FACTOR = 5;
const FIRST_PATIENCE_MS = 20_000;
const STUCK_GRACE_MS = 1000;

export function openGauge(options: MeasureOptions): Gauge {
  const { requests, service, demand, readTraces, asked } = options;
  let slowestMs = 0;
  let usualMs = 0;
  /** Held while nothing was asked: a listener's connection, for example. */
  let atRest = 0;
  // A first answer may take long: a service compiles and connects for it.
  const patience = (): number => Math.max(slowestMs === 0 ? FIRST_PATIENCE_MS : options.patienceMs, slowestMs * PATIENCE_FACTOR);

  /** Drives until the time or the amount is over, the service has stopped, or the user asked for the end. */
  const drive = async (connections: number, limit: { seconds: number; amount?: number }, onProgress: (fraction: number, perSecond: number) => void): Promise<{ result: LoadResult; stopped: Stop | null }> => {
    const stalled = new AbortController();
    let answers = 0;
    let answeredMs = performance.now();
    const watch = (fraction: number, perSecond: number, count: number): void => {
      const nowMs = performance.now();
      if (count !== answers) [answers, answeredMs] = [count, nowMs];
      else if (nowMs - answeredMs > patience()) stalled.abort();
      onProgress(fraction, perSecond);
    };
    const gone = service.gone();
    const result = await driveLoad({
      ...requests,
      ...limit,
      // A step must not end before the service has had the time to show that it stalls.
      seconds: Math.max(limit.seconds, limit.amount === undefined ? 0 : patience() / 1000 + 1),
      connections,
      // Whether it stalls is ours to judge.
      timeoutSeconds: Math.ceil(patience() / 1000) * 10,
      signal: AbortSignal.any([stalled.signal, gone, asked]),
      onProgress: watch,
    });
    return { result, stopped: asked.aborted ? null : await findStop(result, stalled.signal.aborted) };
  };

  const findStop = async (result: LoadResult, stalled: boolean): Promise<Stop | null> => {
    const silent = stalled || result.requests === 0;
    // Broken connections are often the first that is seen of an end.
    if (service.gone().aborted || ((silent || result.errors > result.timeouts) && (await service.hasGone()))) return 'ended';
    return silent ? 'stalled' : null;
  };

  /** Requests that the step's end cut off are still worked on. @returns whether all of them came to an end. */
  const settle = async (): Promise<boolean> => {
    const deadlineMs = performance.now() + patience();
    do {
      await delay(WRITTEN_MS);
      readTraces();
      if (demand.underWay() <= atRest) return true;
    } while (performance.now() < deadlineMs && !asked.aborted && service.isRunning());
    return false;
  };

  return {
    async tryOut() {
      const { result, stopped } = await drive(Math.max(1, requests.urls.length), { seconds: 1, amount: Math.max(1, requests.urls.length) }, () => {});
      if (asked.aborted) return null;
      if (result.requests === 0) return stopped === 'ended' ? 'the command ended at the first request' : (result.firstError ?? 'it was not answered');
      slowestMs = result.latency.maxMs;
      usualMs = result.latency.p50Ms;
      await settle();
      atRest = demand.underWay();
      return result.non2xx > 0 ? 'it is answered with another status than 2xx' : null;
    },
    async measure(concurrency) {
      await service.start();
      const startedMs = Date.now();
      const show = (fraction: number, perSecond: number): void => options.onProgress(concurrency, fraction, perSecond);
      // Opening connections is not what the step is to show.
      const filled = await drive(concurrency, { seconds: 0, amount: concurrency }, () => show(0, 0));
      const seconds = Math.min(LONGEST_STEP_S, Math.max(requests.seconds, (usualMs * ROUNDS) / 1000));
      const goesOn = filled.stopped === null && !asked.aborted;
      const { result, stopped } = goesOn ? await drive(concurrency, { seconds }, show) : filled;
      // What failed while the connections were opened has failed, too.
      const early = goesOn ? filled.result : null;
      const settled = stopped === null && (await settle());
      if (!settled) await delay(POLL_MS);
      readTraces();
      const step = describe(concurrency, result, early, stopped, demand.between(startedMs, Date.now()));
      if (!settled && !asked.aborted) {
        // What hangs would hang in the next step, too.
        await service.end(STUCK_GRACE_MS);
        readTraces();
        demand.closeAll();
      }
      slowestMs = Math.max(slowestMs, result.latency.maxMs);
      usualMs = Math.max(usualMs, result.latency.p50Ms);
      return step;
    },
  };
}

function describe(concurrency: number, { requests, requestsPerSecond, latency, errors, non2xx, firstError }: LoadResult, early: LoadResult | null, stopped: Stop | null, demand: Demand): SweepStep {
  return {
    concurrency,
    requests,
    requestsPerSecond,
    p50Ms: latency.p50Ms,
    p99Ms: latency.p99Ms,
    maxMs: latency.maxMs,
    failed: errors + non2xx + (early === null ? 0 : early.errors + early.non2xx),
    firstError: early?.firstError ?? firstError,
    stopped,
    ...demand,
  };
}
