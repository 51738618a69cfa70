/** Waits for the service that the command is, and drives it. */
import { createConnection } from 'node:net';
import { driveLoad, type LoadResult } from '../../scenarios/load/load.js';
import { parseHttpUrl } from '../../scenarios/load/options.js';
import { waitForPort, waitForUrl } from '../../scenarios/load/wait-for.js';
import { sayCount, sayMany, sayMs } from '../../reports/words.js';
import { ToolError } from '../errors.js';
import { openProgress } from '../progress.js';
import { runWithPort, type PortAnnouncement } from '../record/on-port.js';
import { describeEnding, type StartOptions } from '../record/program.js';
import { say } from '../terminal.js';
import type { LoadPlan, RequestPlan } from './options.js';

export interface DriveOptions {
  plan: LoadPlan;
  /** Present with --on-port. */
  announcement: PortAnnouncement | null;
  output: StartOptions['output'];
  /** Aborted when the program has gone, its time is up, or the user wants to stop. */
  signal: AbortSignal;
}

/**
 * Resolves when the load is done, or was cut by the signal.
 * @throws ToolError when the service never came or nothing could be sent to it; the signal's reason when aborted while waiting.
 */
export async function drive({ plan, announcement, output, signal }: DriveOptions): Promise<LoadResult | null> {
  if ('requests' in plan) {
    await waitForService(plan, plan.requests.urls, signal);
    return await sendRequests(plan.requests, signal);
  }
  const port = (await announcement?.wait(plan.waitTimeoutMs, signal)) ?? null;
  if (port === null) throw new ToolError(`the program did not listen on any port within ${sayMs(plan.waitTimeoutMs)}`);
  await waitForService(plan, [], signal);
  const ending = await runWithPort(plan.onPort, port, output, signal);
  if (!signal.aborted && ending.code !== 0) throw new ToolError(`the command of --on-port ${describeEnding(ending)}: ${plan.onPort}`);
  return null;
}

async function waitForService(plan: LoadPlan, urls: string[], signal: AbortSignal): Promise<void> {
  const options = { timeoutMs: plan.waitTimeoutMs, signal };
  for (const url of urls) await waitForPort(url, options);
  if (plan.waitFor !== null) await waitForUrl(plan.waitFor, options);
}

async function sendRequests(plan: RequestPlan, signal: AbortSignal): Promise<LoadResult> {
  const progress = openProgress();
  const label = `load, ${plan.connections} at a time`;
  const onProgress = (fraction: number, perSecond: number): void => progress.show(label, fraction, `${Math.round(perSecond)} requests/s`);
  const result = await driveLoad({ ...plan, signal, onProgress }).finally(() => progress.clear());
  say(describeLoad(result));
  // Time-outs are a service that starves, which is what we are here for. No connection at all is a load that was none.
  if (result.requests === 0 && result.errors > result.timeouts && !signal.aborted) {
    throw new ToolError(`nothing could be sent to ${result.url}: ${sayMany(result.errors, 'connection')} failed (${result.firstError ?? 'no reason given'})`);
  }
  return result;
}

/** The load in one line: how much, how fast, what went wrong. */
export function describeLoad({ requests, errors, non2xx, seconds, requestsPerSecond, connections, latency, firstError }: LoadResult): string {
  const troubles = [
    ...(non2xx > 0 ? [`${sayCount(non2xx)} answered with another status than 2xx`] : []),
    ...(errors > 0 ? [`${sayMany(errors, 'request')} without an answer (${firstError ?? 'cut off'})`] : []),
  ];
  const numbers =
    requests === 0
      ? `no request was answered within ${sayMs(seconds * 1000)}`
      : `${sayMany(requests, 'request')} in ${sayMs(seconds * 1000)} (${requestsPerSecond.toFixed(requestsPerSecond < 10 ? 1 : 0)}/s), ` +
        `half within ${sayMs(latency.p50Ms)}, 99 % within ${sayMs(latency.p99Ms)}, slowest ${sayMs(latency.maxMs)}`;
  return `load: ${connections} at a time, ${[numbers, ...troubles].join('; ')}`;
}

/** The addresses of the plan that something else listens on already. */
export async function findTakenPorts(plan: LoadPlan): Promise<string[]> {
  if (!('requests' in plan)) return [];
  const hosts = [...new Set(plan.requests.urls.map((url) => parseHttpUrl(url).host))];
  const taken = await Promise.all(hosts.map(async (host) => ((await accepts(new URL(`http://${host}`))) ? [host] : [])));
  return taken.flat();
}

function accepts(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || 80 });
    const finish = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(500, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}
