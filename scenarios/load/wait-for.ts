/** Waits until a service can be driven. */
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { LoadError, parseHttpUrl } from './options.js';

export interface WaitOptions {
  /** 10,000 if not given. */
  timeoutMs?: number;
  /** Ends the waiting; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

const RETRY_MS = 50;
const DEFAULT_TIMEOUT_MS = 10_000;
const REFUSAL_MS = 1000;
const NOT_TRIED = 'not tried';

/**
 * Resolves when something accepts TCP connections at the URL's host and port.
 * @throws LoadError when nothing did in time.
 */
export async function waitForPort(url: string, options: WaitOptions = {}): Promise<void> {
  const { host, port } = addressOf(url);
  await retry(options, (ms) => accepts(host, port, ms), (last, timeoutMs) =>
    new LoadError(`${new URL(url).hostname}:${port} did not open within ${seconds(timeoutMs)} (${last})`));
}

/**
 * Resolves when a GET of the URL is answered with a status below 500: the service is up, even if that page wants a login.
 * @throws LoadError when that did not happen in time.
 */
export async function waitForUrl(url: string, options: WaitOptions = {}): Promise<void> {
  parseHttpUrl(url);
  await retry(options, (ms) => answers(url, ms), (last, timeoutMs) =>
    new LoadError(`${url} was not ready within ${seconds(timeoutMs)} (${last})`));
}

/** Whether nothing listens at the URL's host and port. What accepts, or is too stuck to answer at all, is still there. */
export async function isRefused(url: string): Promise<boolean> {
  const { host, port } = addressOf(url);
  return (await accepts(host, port, REFUSAL_MS)) === 'ECONNREFUSED';
}

/** Repeats `attempt`, which says what was wrong or null. */
async function retry(
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: WaitOptions,
  attempt: (timeoutMs: number) => Promise<string | null>,
  failure: (last: string, timeoutMs: number) => Error,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let last = NOT_TRIED;
  for (;;) {
    signal?.throwIfAborted();
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) throw failure(last, timeoutMs);
    const problem = await attempt(leftMs);
    if (problem === null) return;
    // What was cut off by the end of the time had none to show what is wrong.
    if (last === NOT_TRIED || performance.now() < deadline || leftMs >= REFUSAL_MS) last = problem;
    await delay(Math.min(RETRY_MS, Math.max(0, deadline - performance.now())), undefined, signal ? { signal } : {}).catch(() => {
      signal?.throwIfAborted();
    });
  }
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port, protocol } = parseHttpUrl(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

function accepts(host: string, port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (problem: string | null): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(Math.max(1, timeoutMs), () => finish('no answer'));
    socket.once('connect', () => finish(null));
    socket.once('error', (error) => finish(reason(error)));
  });
}

function answers(url: string, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const onResponse = (response: IncomingMessage): void => {
      const status = response.statusCode ?? 0;
      request.destroy();
      resolve(status < 500 ? null : `status ${status}`);
    };
    const options = { agent: false, timeout: Math.max(1, timeoutMs) };
    const request = url.startsWith('https:') ? getHttps(url, options, onResponse) : getHttp(url, options, onResponse);
    request.once('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve(reason(error)));
  });
}

/** A name with several addresses fails with an AggregateError, whose message is empty. */
function reason(error: Error & { code?: string }): string {
  return error.code ?? (error.message || 'no answer');
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
