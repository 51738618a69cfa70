import test from 'ava';
import type { Checkout } from '../../reports/model.js';
import { renderHtml } from '../../reports/html/render.js';
import { launchBrowser, type TestBrowser } from '../reports/html-support/browser.js';
import { million } from '../reports/html-support/million.js';
import { brush, plain, rangeOf } from './acts.js';

let browser: TestBrowser;

test.before(async () => {
  browser = await launchBrowser();
});

test.after.always(async () => {
  await browser?.close();
});

/** As many as a frame may need: about a tenth of what takes 50 ms without a graphics card. */
const MOST_SHAPES = 30_000;

test('a million checkouts: from the hour to one statement, and what is shown is said', async (t) => {
  const analysis = million();
  const { checkouts, endMs } = analysis.timeline;
  t.true(checkouts.length > 1_000_000);
  const html = renderHtml(analysis);
  t.true(Buffer.byteLength(html) <= 2_000_000, `${Buffer.byteLength(html)} bytes`);
  const open = await browser.open(html);
  const { page } = open;
  const canvas = page.locator('.lanes canvas');
  const frames: { ms: number; shapes: number }[] = [];
  const look = async (): Promise<void> => {
    // Two frames: the first one may be that of the key before.
    await page.evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`);
    frames.push({ ms: Number(await canvas.getAttribute('data-draw-ms')), shapes: Number(await canvas.getAttribute('data-shapes')) });
  };
  t.regex(plain(await page.locator('.shown').textContent()), new RegExp(`^[\\d,]+ of ${checkouts.length.toLocaleString('en')} checkouts are drawn one by one: the longest of each stretch`));
  await look();

  // The worst example: one checkout among a million, down to its statements.
  await page.locator('.finding[open] .examples button').first().click();
  const details = page.getByRole('region', { name: 'Selected checkout' });
  t.regex(plain(await details.textContent()), /^Checkout \d+: held for 100 ms/);
  await look();
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press('+');
    await look();
  }
  t.true((await rangeOf(open)).span < 5, 'one statement of 1.5 ms fills a third of the width');
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', '-', '-', '-', '-', '-', '-', '-', '-', '0']) {
    await page.keyboard.press(key);
    await look();
  }
  t.is((await rangeOf(open)).span, endMs);

  // A quarter of an hour of the second half: numbers are those of the sums, and near the truth.
  await brush(open, 0.6, 0.85);
  await look();
  const range = await rangeOf(open);
  const meta = page.locator('.finding .meta').first();
  await meta.getByText('in the selected time').waitFor();
  const said = Number(/about ([\d,]+) times/.exec(plain(await meta.textContent()))?.[1]?.replaceAll(',', ''));
  const inside = checkouts.filter((c) => (c.endedMs ?? 0) > range.from && c.requestedMs < range.to).length;
  t.true(Math.abs(said / inside - 1) < 0.01, `${said} for ${inside}`);
  const title = plain(await page.locator('.range-title').textContent());
  const counted = Number(/about ([\d,]+) checkouts/.exec(title)?.[1]?.replaceAll(',', ''));
  t.true(Math.abs(counted / inside - 1) < 0.01, title);

  // Those that are not drawn count, too: in the distributions, in what held the connections, and at any moment.
  const near = (value: number, truth: number, what: string): boolean => t.true(Math.abs(value / truth - 1) < 0.02, `${what}: ${value} for ${truth}`);
  const number = (text: string | undefined): number => Number(text?.replaceAll(',', ''));
  const here = checkouts.filter((c) => c.requestedMs >= range.from && c.requestedMs < range.to);
  near(number(/about ([\d,]+) of them waited/.exec(title)?.[1]), here.filter((c) => (c.acquiredMs ?? 0) - c.requestedMs >= 1).length, 'waited');
  const countsOf = async (kind: string): Promise<number[]> => (await page.locator(`.histogram ol.${kind} .n`).allTextContents()).map((text) => number(/^[\d,]+/.exec(plain(text))?.[0]));
  for (const [kind, lengthOf] of [['wait', (c: Checkout) => (c.acquiredMs ?? 0) - c.requestedMs], ['use', (c: Checkout) => (c.endedMs ?? 0) - (c.acquiredMs ?? 0)]] as const) {
    near((await countsOf(kind)).reduce((a, b) => a + b, 0), here.length, `all of ${kind}`);
    const between = (c: Checkout): boolean => lengthOf(c) >= 50 && lengthOf(c) < 100;
    near(number(/< 100 ms([\d,]+)/.exec((await page.locator(`.histogram ol.${kind} li`).allTextContents()).map(plain).join(' '))?.[1]), here.filter(between).length, `50 to 100 ms of ${kind}`);
  }
  const awaited = here.reduce((sum, c) => sum + (c.gaps[0]?.ms ?? 0), 0) / here.reduce((sum, c) => sum + (c.endedMs ?? 0) - (c.acquiredMs ?? 0), 0);
  const [holder = ''] = (await page.locator('.range-summary .holders li').allTextContents()).map(plain);
  t.true(holder.startsWith(`${Math.round(awaited * 100)} %awaiting GET`), `${holder} for ${awaited}`);
  const chart = await page.locator('.u-over').boundingBox();
  await page.mouse.move((chart?.x ?? 0) + (chart?.width ?? 0) * 0.7, (chart?.y ?? 0) + 50);
  const moment = /([\d.]+) held on average/.exec(plain(await page.locator('div.moment').textContent()))?.[1];
  near(Number(moment), here.reduce((sum, c) => sum + (c.endedMs ?? 0) - (c.acquiredMs ?? 0), 0) / (range.to - range.from), 'held at a moment');

  // Some seconds of it: real occurrences, each in its place among the million.
  await page.getByRole('button', { name: 'Back to the whole run' }).click();
  await page.locator('.finding').getByText('in the selected time').first().waitFor({ state: 'detached' });
  await brush(open, 0.3, 0.306);
  const short = await rangeOf(open);
  await page.getByText(/^The longest of about [\d,]+ in the selected time$/).waitFor();
  const examples = page.locator('.finding[open] .examples').first().getByRole('button');
  t.true((await examples.count()) >= 4);
  const before = plain(await examples.first().getAttribute('aria-label'));
  const [, said1 = '', minute = '', second = ''] = /: (\d+) ms at (\d+):([\d.]+)$/.exec(before) ?? [];
  const atMs = Number(minute) * 60_000 + Number(second) * 1000;
  t.true(atMs >= short.from - 100 && atMs <= short.to, `${before} in ${short.from} to ${short.to}`);
  const longestThere = checkouts.filter((c) => (c.endedMs ?? 0) > short.from && c.requestedMs < short.to).reduce((most, c) => Math.max(most, c.gaps[0]?.ms ?? 0), 0);
  t.true(Math.abs(Number(said1) - longestThere) <= 2, `${before} for ${longestThere}`);
  t.regex(plain(await page.locator('.finding[open] .decomposition').textContent()), /^Where the .* of these holds in the selected time went/);
  await examples.first().click();
  t.regex(plain(await details.textContent()), new RegExp(`^Checkout \\d+: held for`));

  await page.getByRole('searchbox').fill('ledger');
  await page.getByText(/checkouts of those drawn one by one$/).waitFor();
  await look();
  for (const { shapes } of frames) t.true(shapes <= MOST_SHAPES, `${shapes} shapes`);
  t.log(`${Buffer.byteLength(html)} bytes; frames drawn in ${frames.map(({ ms }) => ms).join(', ')} ms, of up to ${Math.max(...frames.map(({ shapes }) => shapes))} shapes`);
  t.deepEqual(open.complaints, []);
  t.deepEqual(open.requests, []);
  await open.close();
});
