import test from 'ava';
import { createServer } from 'node:http';
import { driveLoad, LoadError } from '../../scenarios/load/load.js';
import type { LoadOptions } from '../../scenarios/load/options.js';
import { waitForPort, waitForUrl } from '../../scenarios/load/wait-for.js';
import { closedPort, startHttp } from '../support/http-service.js';

test('an amount of requests is sent, counted and measured', async (t) => {
  let seen = 0;
  const url = await startHttp(t, (_request, response) => {
    seen++;
    setTimeout(() => response.end('fine'), 20);
  });
  const fractions: number[] = [];
  const result = await driveLoad({ urls: [url], connections: 4, amount: 22, onProgress: (fraction) => fractions.push(fraction) });
  t.is(seen, 22);
  t.like(result, { url, connections: 4, requests: 22, errors: 0, timeouts: 0, non2xx: 0, firstError: null });
  const { p50Ms, p90Ms, p99Ms, maxMs, meanMs } = result.latency;
  // A timer may fire up to a millisecond early.
  t.true(p50Ms >= 19 && meanMs >= 19, `${p50Ms}, ${meanMs}`);
  t.true(p50Ms <= p90Ms && p90Ms <= p99Ms && p99Ms <= maxMs);
  t.is(Math.round(result.requestsPerSecond * result.seconds), 22);
  t.is(fractions.at(-1), 1);
  t.deepEqual(fractions, fractions.toSorted((a, b) => a - b));
});

test('as many requests are in flight as there are connections, and no more', async (t) => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const url = await startHttp(t, (_request, response) => {
    waiting.push(() => response.end());
    most = Math.max(most, waiting.length);
    // Nobody is answered before all seven are here.
    if (waiting.length === 7) for (const answer of waiting.splice(0)) answer();
  });
  const result = await driveLoad({ urls: [url], connections: 7, amount: 21 });
  t.is(result.requests, 21);
  t.is(most, 7);
});

test('method, headers and body arrive, and several URLs are driven in turn', async (t) => {
  const seen = new Set<string>();
  const url = await startHttp(t, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.add(`${request.method} ${request.url} ${String(request.headers['x-shop'])} ${body}`);
      response.end();
    });
  });
  const options = { connections: 2, amount: 8, method: 'POST', headers: { 'x-shop': 'north' }, body: '{"book":1}' } as const;
  const result = await driveLoad({ ...options, urls: [`${url}/a?x=1`, `${url}/b`] });
  t.is(result.url, `${url}/a?x=1 ${url}/b`);
  t.deepEqual([...seen].toSorted(), ['POST /a?x=1 north {"book":1}', 'POST /b north {"book":1}']);
});

test('answers other than 2xx are counted apart', async (t) => {
  let count = 0;
  const url = await startHttp(t, (_request, response) => response.writeHead(count++ % 2 === 0 ? 200 : 503).end());
  const result = await driveLoad({ urls: [url], connections: 1, amount: 10 });
  t.like(result, { requests: 10, non2xx: 5, errors: 0 });
});

test('a service that is down ends the load at once and is named', async (t) => {
  const port = await closedPort();
  // An hour: the load must end because nothing answers.
  const result = await driveLoad({ urls: [`http://127.0.0.1:${port}/`], connections: 2, seconds: 3600 });
  t.is(result.requests, 0);
  t.true(result.errors > 0);
  t.is(result.firstError, `connect ECONNREFUSED 127.0.0.1:${port}`);
  t.deepEqual(result.latency, { p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0, meanMs: 0 });
});

test('a request that is never answered is a timeout', async (t) => {
  let count = 0;
  const url = await startHttp(t, (_request, response) => void (count++ === 0 ? null : response.end()));
  const result = await driveLoad({ urls: [url], connections: 1, amount: 3, timeoutSeconds: 1 });
  t.is(result.firstError, 'request timed out');
  t.is(result.errors, result.timeouts);
});

test('an aborted signal ends the load, and what was done is counted', async (t) => {
  const controller = new AbortController();
  let count = 0;
  const url = await startHttp(t, (_request, response) => {
    response.end();
    if (++count === 5) controller.abort();
  });
  const result = await driveLoad({ urls: [url], connections: 1, seconds: 3600, signal: controller.signal });
  t.true(result.requests >= 4);
  const none = await driveLoad({ urls: [url], connections: 1, signal: controller.signal });
  t.is(none.requests, 0);
});

test('seconds end a load whose amount is out of reach', async (t) => {
  const url = await startHttp(t, (_request, response) => setTimeout(() => response.end(), 10));
  const result = await driveLoad({ urls: [url], connections: 1, amount: 1_000_000, seconds: 0.2 });
  t.true(result.requests < 1_000_000);
  t.is(result.errors, 0);
});

const MISTAKES: [options: Partial<LoadOptions>, message: string][] = [
  [{ urls: [] }, 'load: no URL given, expected http://host:port/path'],
  [{ urls: ['localhost:80'] }, 'load: "localhost:80" is no URL to drive, expected http://host:port/path'],
  [{ urls: ['ftp://host/'] }, 'load: "ftp://host/" is no URL to drive, expected http://host:port/path'],
  [{ connections: 0 }, 'load: connections is 0, expected a whole number from 1'],
  [{ connections: 1.5 }, 'load: connections is 1.5, expected a whole number from 1'],
  [{ seconds: -1 }, 'load: seconds is -1, expected a number above 0'],
  [{ seconds: Number.NaN }, 'load: seconds is NaN, expected a number above 0'],
  [{ timeoutSeconds: 0.5 }, 'load: timeoutSeconds is 0.5, expected a whole number from 1'],
  [{ connections: 5, amount: 4 }, 'load: amount is 4, expected at least one for each of the 5 connections'],
  [{ connections: 5, rate: 4 }, 'load: rate is 4, expected at least one for each of the 5 connections'],
  [{ urls: ['http://a/', 'http://b/'], connections: 1 }, 'load: 2 URLs share 1 connections, expected at least one connection for each'],
];

for (const [options, message] of MISTAKES) {
  test(message, async (t) => {
    await t.throwsAsync(driveLoad({ urls: ['http://127.0.0.1:9/'], connections: 1, ...options }), { instanceOf: LoadError, message });
  });
}

test('waitForPort waits until something listens', async (t) => {
  const port = await closedPort();
  let open = false;
  const waiting = waitForPort(`http://127.0.0.1:${port}/any`, { timeoutMs: 60_000 }).then(() => t.true(open));
  const server = createServer();
  setTimeout(() => {
    open = true;
    server.listen(port, '127.0.0.1');
  }, 150);
  await waiting;
  server.close();
});

test('waitForPort and waitForUrl say what did not open', async (t) => {
  const port = await closedPort();
  const url = `http://127.0.0.1:${port}/ready`;
  await t.throwsAsync(waitForPort(url, { timeoutMs: 1000 }), { instanceOf: LoadError, message: `127.0.0.1:${port} did not open within 1 s (ECONNREFUSED)` });
  await t.throwsAsync(waitForUrl(url, { timeoutMs: 1000 }), { instanceOf: LoadError, message: `${url} was not ready within 1 s (ECONNREFUSED)` });
});

test('waitForUrl waits until the service is ready, not only up', async (t) => {
  let count = 0;
  const url = await startHttp(t, (_request, response) => response.writeHead(++count < 3 ? 503 : 401).end());
  await waitForUrl(url, { timeoutMs: 60_000 });
  t.is(count, 3);
});

test('waiting ends with the signal', async (t) => {
  const port = await closedPort();
  const reason = new Error('the command ended');
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 100);
  t.is(await t.throwsAsync(waitForPort(`http://127.0.0.1:${port}`, { timeoutMs: 60_000, signal: controller.signal })), reason);
});
