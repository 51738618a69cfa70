import test from 'ava';
import { stripVTControlCharacters } from 'node:util';
import type { SweepStep } from '../../reports/sweep/model.js';
import { concludeSweep } from '../../reports/sweep/conclude.js';
import { renderSweepHtml } from '../../reports/sweep/render-html.js';
import { renderSweepTerminal } from '../../reports/sweep/render-terminal.js';
import { ordinal } from '../../reports/sweep/sentences.js';
import { analyseText } from '../reports/support/analyse-text.js';
import { launchBrowser } from '../reports/html-support/browser.js';
import { QUIET, runOf, stepOf, type Model } from './support.js';

/** Ten transactions of 100 ms that await a timer, in a pool of two. */
const IDLE = ['pool 1 max 2', ...Array.from({ length: 10 }, (_, i) => `checkout ${i + 1} pool 1 from ${i * 60} wait 0 use 104 at handle@/app/orders.ts:80
    1..2 sql BEGIN -> T
    2..102 wait timer "100 ms" started handle@/app/orders.ts:88 awaited handle@/app/orders.ts:88
    102..103 sql COMMIT`), 'end 0 at 2000'].join('\n');

const BUSY = ['pool 1 max 2', ...Array.from({ length: 10 }, (_, i) => `checkout ${i + 1} pool 1 from ${i * 60} wait 0 use 104 at handle@/app/orders.ts:80
    1..103 sql SELECT slow`), 'end 0 at 2000'].join('\n');

const at = (model: Model, ...concurrencies: number[]): SweepStep[] => concurrencies.map((one) => stepOf(model, one));

test('one sentence: where it starves, how many the pool holds, for how long, and which line', async (t) => {
  const sweep = concludeSweep(runOf(at({ pool: 2 }, 1, 2, 3, 4)), await analyseText(t, IDLE));
  t.is(sweep.verdict, 'starves');
  t.is(sweep.summary, 'Starves at the 3rd concurrent request: the pool holds 2, each held 104 ms, 96 % of it at orders.ts:88.');
  t.is(sweep.throughputStopsGrowingAt, 2);
  t.deepEqual(sweep.notes, ['What happens at orders.ts:88: awaiting a timer (100 ms).', 'Throughput stops growing at 2 requests at a time: 20 requests/s, and 20 at 4.']);
});

test('short waits for connections that are busy with SQL are a queue; long ones are starvation', async (t) => {
  const short = [...at({ pool: 2 }, 1, 2), { ...stepOf({ pool: 2 }, 3), waitP99Ms: 20 }];
  t.is(concludeSweep(runOf(short), await analyseText(t, BUSY)).verdict, 'queues');
  t.is(concludeSweep(runOf(short), await analyseText(t, IDLE)).verdict, 'starves', 'idle connections are no excuse');
  t.is(concludeSweep(runOf(at({ pool: 2 }, 1, 2, 3)), await analyseText(t, BUSY)).verdict, 'starves');
});

test('nothing waits: said with the number that was tried', async (t) => {
  const sweep = concludeSweep(runOf(at({ pool: 8 }, 1, 2, 4, 8)), await analyseText(t, IDLE));
  t.is(sweep.verdict, 'clear');
  t.is(sweep.summary, 'No request waited for a connection, up to 8 at a time with a pool of 2.');
});

test('a service that stops: with its connections all held, starved; without, stopped; without a pool, not for us to say', async (t) => {
  const analysis = await analyseText(t, IDLE);
  const steps = at({ pool: Infinity, stopsAt: 4 }, 1, 2, 3, 4);
  t.regex(concludeSweep(runOf(steps), analysis).summary, /^Starves and stops answering at the 4th concurrent request: the pool holds 2/);
  const free = steps.map((step) => ({ ...step, exhausted: false }));
  t.is(concludeSweep(runOf(free), analysis).verdict, 'stops');
  t.is(concludeSweep(runOf(free), null).verdict, 'stops');
  t.is(concludeSweep(runOf(steps.slice(0, 2)), null).verdict, 'inconclusive');
});

test('a frozen event loop is named with its line', async (t) => {
  const analysis = await analyseText(t, `${IDLE}\nblocked 1000..3000 at acquire@/app/db.ts:7`);
  const steps = at({ pool: Infinity, stopsAt: 4 }, 1, 2, 3, 4);
  t.regex(concludeSweep(runOf(steps), analysis).summary, /^Starves and freezes at the 4th .*, and the event loop hangs at db\.ts:7\.$/);
});

test('a sweep that began too high does not pretend to know the number', async (t) => {
  t.regex(concludeSweep(runOf(at({ pool: 2 }, 20, 40), 20), await analyseText(t, IDLE)).summary, /^Starves at 20 concurrent requests or fewer/);
});

test('the table fits into 80 columns, and tells where waiting begins', async (t) => {
  const steps = [...at({ pool: 2 }, 1, 2, 3), { ...QUIET, concurrency: 64, requests: 0, requestsPerSecond: 0, waited: 90, waitMaxMs: 123_456, stopped: 'stalled' as const }];
  const text = renderSweepTerminal(concludeSweep(runOf(steps), await analyseText(t, IDLE)), { color: false, width: 80 });
  t.deepEqual(text.split('\n').filter((line) => line.length > 80), []);
  t.regex(text, /\n +2 .*\n── from here on requests wait: the pool holds 2 ─+\n +3 /);
  t.regex(text, /STOPPED/);
  t.is(text, stripVTControlCharacters(text));
});

/** Two requests hold a connection each, and ask for another one. */
const NESTED = `pool 1 max 2 timeout 400
  connection 1 connecting 0 connected 5
  connection 2 connecting 0 connected 5
  checkout 1 from 10 use 450 connection 1 at handle@/app/orders.ts:80
    1..2 sql BEGIN -> T
  checkout 2 from 10 use 450 connection 2 at handle@/app/orders.ts:80
    1..2 sql BEGIN -> T
  checkout 3 from 30 timeout 400 inside 1 via query at priceOf@/app/orders.ts:88 < handle@/app/orders.ts:82
  checkout 4 from 32 timeout 400 inside 2 via query at priceOf@/app/orders.ts:88 < handle@/app/orders.ts:82
  end 0 at 1000`;

test('fewer requests than connections, and yet they wait: what they ask for is counted, and where they deadlock', async (t) => {
  const waiting = { ...QUIET, concurrency: 2, waited: 50, waitP99Ms: 80, waitMaxMs: 90, demandMax: 4 };
  const summaryOf = async (steps: SweepStep[], text: string, from = 1): Promise<string> => concludeSweep(runOf(steps, from), await analyseText(t, text)).summary;
  t.is(await summaryOf([stepOf({ pool: 2 }, 1), waiting], IDLE), 'Starves at the 3rd concurrent request for a connection: the pool holds 2, each held 104 ms, 96 % of it at orders.ts:88; 2 HTTP requests at a time ask for up to 4.');
  t.regex(await summaryOf([waiting], IDLE, 2), /; 2 or fewer HTTP requests at a time ask for up to 4\.$/);
  t.regex(await summaryOf([stepOf({ pool: 2 }, 1), { ...waiting, unserved: 2 }], NESTED), /^Starves at the 3rd concurrent request for a connection: .* ask for up to 4, and deadlock\.$/);
  t.regex(await summaryOf([stepOf({ pool: 2 }, 1), waiting, { ...waiting, concurrency: 3, unserved: 2 }], NESTED), / ask for up to 4, and 3 deadlock\.$/);
});

test('ordinals', (t) => {
  t.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 22, 111, 101].map(ordinal), ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '22nd', '111th', '101st']);
});

test('the page draws both charts and the table, without a complaint, on a narrow screen too', async (t) => {
  const sweep = concludeSweep({ ...runOf(at({ pool: 2 }, 1, 2, 3, 4)), command: 'node </script><script>alert(1)</script>' }, await analyseText(t, IDLE));
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  for (const width of [1280, 400]) {
    const { page, complaints, requests } = await browser.open(renderSweepHtml(sweep, await analyseText(t, IDLE)), { viewport: { width, height: 900 } });
    t.regex((await page.textContent('h1')) ?? '', /^Starves at the 3rd/);
    await page.waitForSelector('svg.sweep-panel circle');
    t.is(await page.locator('svg.sweep-panel').count(), 2);
    t.is(await page.locator('.sweep-line-rate circle').count(), 4);
    t.is(await page.locator('.sweep tbody tr').count(), 4);
    t.is(await page.locator('.sweep tbody tr.sweep-over').count(), 2);
    t.regex((await page.textContent('.sweep-run')) ?? '', /<\/script>/);
    t.true(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width);
    t.deepEqual([complaints, requests], [[], []]);
  }
});
