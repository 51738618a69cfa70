/** Drives an HTTP service: so many requests at a time, for so long or so many, and how they were answered. */
import type autocannon from 'autocannon';
import { EventEmitter, once } from 'node:events';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { checkLoad, type LoadOptions } from './options.js';

export { HTTP_METHODS, LoadError, type HttpMethod, type LoadOptions } from './options.js';

/** Milliseconds from sending a request to the end of its response, as measured: nothing is added for requests that a busy driver could not send. */
export interface Latency {
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  maxMs: number;
  meanMs: number;
}

export interface LoadResult {
  /** What was driven; several URLs joined by a space. */
  url: string;
  connections: number;
  /** From the first request to the last response. */
  seconds: number;
  /** Responses of any status. */
  requests: number;
  requestsPerSecond: number;
  /** Requests that got no response (refused, reset, timed out). */
  errors: number;
  /** Those of the errors that were given up after `timeoutSeconds`. */
  timeouts: number;
  /** Responses with another status than 2xx. */
  non2xx: number;
  latency: Latency;
  /** What the first of the errors said; null without one. */
  firstError: string | null;
}

const PROGRESS_INTERVAL_MS = 100;
/** As often as the driver looks whether it is to stop. */
const SAMPLE_INTERVAL_MS = 10;

/**
 * Sends requests and counts the answers. Every connection sends its next request as soon as the last one is answered.
 * It ends after `amount` responses or after `seconds`, whichever comes first (10 s if neither is given), when `signal` is
 * aborted (the result then covers what was done), or when nothing but errors comes back.
 * @throws LoadError when the options make no sense. A service that is down is no exception: see `errors` of the result.
 */
export async function driveLoad(options: LoadOptions): Promise<LoadResult> {
  checkLoad(options);
  const url = options.urls.join(' ');
  const histogram = createHistogram();
  const count = { requests: 0, errors: 0, timeouts: 0, non2xx: 0, sinceResponse: 0 };
  let firstError: string | null = null;
  if (options.signal?.aborted) return summarize(url, options.connections, 0, count, histogram, firstError);

  // Imported here: it takes a tenth of a second, which no other command should pay.
  const { default: run } = await import('autocannon');
  const startMs = performance.now();
  let lastMs = startMs;
  const ended = new EventEmitter<{ done: []; error: [unknown] }>();
  const done = once(ended, 'done');
  const instance = run(autocannonOptions(options), (error: unknown) => (error ? ended.emit('error', error) : ended.emit('done')));
  const stop = (): void => instance.stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  // With an amount, autocannon heeds no duration.
  const limit = options.amount !== undefined && options.seconds !== undefined ? setTimeout(stop, options.seconds * 1000) : undefined;
  const progress = setInterval(reportProgress, PROGRESS_INTERVAL_MS);

  instance.on('response', (_client, status, _bytes, responseTimeMs) => {
    lastMs = performance.now();
    count.requests++;
    count.sinceResponse = 0;
    if (status < 200 || status > 299) count.non2xx++;
    histogram.record(Math.max(1, Math.round(responseTimeMs * 1000)));
  });
  instance.on('reqError', (error: Error & { code?: string }) => {
    count.errors++;
    count.sinceResponse++;
    if (error.message === 'request timed out') count.timeouts++;
    firstError ??= error.message || error.code || 'the connection failed';
    // A service that has gone would be dialled as fast as the machine can until the time is up.
    if (count.sinceResponse >= Math.max(100, options.connections * 5)) stop();
  });

  function reportProgress(): void {
    const seconds = (performance.now() - startMs) / 1000;
    const byAmount = options.amount === undefined ? 0 : count.requests / options.amount;
    const byTime = options.amount !== undefined && options.seconds === undefined ? 0 : seconds / (options.seconds ?? DEFAULT_SECONDS);
    options.onProgress?.(Math.min(1, Math.max(byAmount, byTime)), count.requests / seconds, count.requests);
  }

  try {
    await done;
  } finally {
    clearInterval(progress);
    clearTimeout(limit);
    options.signal?.removeEventListener('abort', stop);
  }
  // Requests that were cut off in flight belong to no second; with a rate, the pauses do.
  const endMs = count.requests > 0 && options.rate === undefined ? lastMs : performance.now();
  const result = summarize(url, options.connections, (endMs - startMs) / 1000, count, histogram, firstError);
  options.onProgress?.(1, result.requestsPerSecond, result.requests);
  return result;
}

const DEFAULT_SECONDS = 10;

function autocannonOptions(options: LoadOptions): autocannon.Options {
  return {
    // An array is taken, one URL a connection in turn, though the types know only one.
    url: options.urls as unknown as string,
    connections: options.connections,
    duration: options.seconds ?? DEFAULT_SECONDS,
    timeout: options.timeoutSeconds ?? 10,
    sampleInt: SAMPLE_INTERVAL_MS,
    ...(options.amount !== undefined && { amount: options.amount }),
    ...(options.rate !== undefined && { overallRate: options.rate }),
    ...(options.method !== undefined && { method: options.method }),
    ...(options.headers !== undefined && { headers: options.headers }),
    ...(options.body !== undefined && { body: options.body }),
  };
}

function summarize(
  url: string,
  connections: number,
  seconds: number,
  count: { requests: number; errors: number; timeouts: number; non2xx: number },
  histogram: RecordableHistogram,
  firstError: string | null,
): LoadResult {
  const { requests, errors, timeouts, non2xx } = count;
  const ms = (microseconds: number): number => (requests === 0 ? 0 : microseconds / 1000);
  return {
    url,
    connections,
    seconds,
    requests,
    requestsPerSecond: seconds > 0 ? requests / seconds : 0,
    errors,
    timeouts,
    non2xx,
    latency: {
      p50Ms: ms(histogram.percentile(50)),
      p90Ms: ms(histogram.percentile(90)),
      p99Ms: ms(histogram.percentile(99)),
      maxMs: ms(histogram.max),
      meanMs: ms(histogram.mean),
    },
    firstError,
  };
}
