/** Parts of the report that one scenario shows best. */
import test, { type ExecutionContext } from 'ava';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { renderHtml } from '../../reports/html/render.js';
import type { Analysis } from '../../reports/model.js';
import { manyPools } from '../reports/html-support/analyses.js';
import { launchBrowser, type OpenPage, type TestBrowser } from '../reports/html-support/browser.js';
import { temporaryFolder } from '../support/folder.js';
import { brush, plain } from './acts.js';
import { analyseRecorded } from './traces.js';

let browser: TestBrowser;

test.before(async () => {
  browser = await launchBrowser();
});

test.after.always(async () => {
  await browser?.close();
});

async function openRecorded(t: ExecutionContext, name: string, options: BrowserContextOptions = {}): Promise<{ open: OpenPage; page: Page; analysis: Analysis }> {
  const analysis = await analyseRecorded(name, temporaryFolder(t));
  const open = await browser.open(renderHtml(analysis), options);
  return { open, page: open.page, analysis };
}

test('a deadlock is drawn as who waits for whom, in words too, and fits a phone', async (t) => {
  const { open, page, analysis } = await openRecorded(t, 'nested-checkout', { viewport: { width: 400, height: 800 } });
  const finding = analysis.report.findings.find(({ rule }) => rule === 'pool-deadlock');
  const [step] = finding?.evidence.cycle ?? [];
  t.is(step?.flows, 10);
  await page.evaluate(`location.hash = '${finding?.fingerprint}'`);
  const picture = page.getByRole('img', { name: 'Who waits for whom' });
  await picture.waitFor();
  const box = await picture.boundingBox();
  t.true(box !== null && box.width > 200 && box.x + box.width <= 400);
  const words = await page.locator(`[id="${await picture.getAttribute('aria-describedby')}"]`).textContent();
  t.is(plain(words), `10 flows hold a connection of pool ${step?.heldPool}, taken at ${step?.heldAt?.file}:${step?.heldAt?.line}, and wait for one of pool ${step?.wantedPool} at ${step?.wantedAt?.file}:${step?.wantedAt?.line}.`);
  t.is(await page.locator('.cycle .holds').count(), finding?.evidence.cycle?.length ?? 0);
  t.deepEqual(open.complaints, []);
  await open.close();
});

test('a request that waited is shown with its holders; each of them leads on', async (t) => {
  const { open, page, analysis } = await openRecorded(t, 'eleventh-request');
  const [finding] = analysis.report.findings;
  const place = `${finding?.callSite?.file}:${finding?.callSite?.line}`;
  const card = page.locator(`[id="${finding?.fingerprint}"]`);
  t.regex(plain(await card.getByText('of all waiting for a connection').textContent()), /^\d+ requests?, .* in all: \d+ %/);
  await card.getByRole('button', { name: /^Show the request in the timeline/ }).first().click();
  const details = page.getByRole('region', { name: 'Selected checkout' });
  const rows = (await details.locator('.holders li').allTextContents()).map(plain);
  t.true(rows[0]?.includes(place), `${rows[0]} names ${place}`);
  const shares = rows.map((text) => Number(/^(?:< )?([\d.]+) %/.exec(text)?.[1]));
  t.deepEqual(shares, shares.toSorted((a, b) => b - a));
  t.true(shares.every((share) => share > 0) && shares.reduce((a, b) => a + b, 0) <= 101, rows.join('\n'));
  const before = plain(await details.getByRole('heading', { level: 3 }).textContent());
  await details.getByRole('button', { name: /^Select the holder/ }).first().click();
  t.not(plain(await details.getByRole('heading', { level: 3 }).textContent()), before);
  await page.getByRole('button', { name: /^Show what the request at .* waited for/ }).first().click();
  t.true(await details.getByText('What it waited for').isVisible());
  t.deepEqual(open.complaints, []);
  await open.close();
});

test('what to do comes as code, too, in the words of the finding', async (t) => {
  const { open, page, analysis } = await openRecorded(t, 'slow-token-endpoint');
  const [finding] = analysis.report.findings;
  const card = page.locator(`[id="${finding?.fingerprint}"]`);
  const line = plain(await card.locator('.why .guilty code').first().textContent());
  const call = /await ([\w.]+\()/.exec(line)?.[1] ?? 'no call';
  for (const name of ['Before', 'After']) t.true(plain(await card.getByLabel(name, { exact: true }).textContent()).includes(call), `${name}: ${call}`);
  const [before, after] = [await card.getByLabel('Before', { exact: true }).textContent(), await card.getByLabel('After', { exact: true }).textContent()];
  t.true((before ?? '').indexOf('BEGIN') < (before ?? '').indexOf(call) && (after ?? '').indexOf(call) < (after ?? '').indexOf('BEGIN'));
  t.deepEqual(open.complaints, []);
  await open.close();
});

test('a search that finds nothing here says so, and where there is more', async (t) => {
  const open = await browser.open(renderHtml(manyPools(3)));
  const { page } = open;
  await page.getByRole('searchbox').fill('no such statement');
  await page.getByText(/^0 checkouts/).waitFor();
  t.is(await page.getByRole('button', { name: 'Next match' }).count(), 0);
  // By its name, another pool is found from here.
  await page.getByRole('searchbox').fill('(2:1)');
  await page.getByText(/^0 checkouts/).waitFor();
  await page.getByRole('button', { name: /^[\d,]+ in Pool of 10 \(2:1\)$/ }).click();
  t.regex((await page.locator('#pool-picker option:checked').textContent()) ?? '', /\(2:1\)/);
  await page.getByText(/^([\d,]+ of )?[1-9][\d,]* checkouts?/).waitFor();
  await page.getByRole('searchbox').press('Escape');
  t.is(await page.getByRole('searchbox').inputValue(), '');
  t.deepEqual(open.complaints, []);
  await open.close();
});

test('without a mouse: the skip link, the findings, the timeline, the search, all with a visible focus', async (t) => {
  const { open, page } = await openRecorded(t, 'eleventh-request');
  await page.keyboard.press('Tab');
  t.is(await page.evaluate('document.activeElement.textContent.trim()'), 'Skip to the findings');
  const reached = new Set<string>();
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const { name, outline } = await page.evaluate<{ name: string; outline: string }>(`(() => {
      const el = document.activeElement;
      const shown = el.matches('.themes input') ? el.parentElement : el;
      return { name: el.id || el.getAttribute('aria-label') || el.tagName + (el.className ? '.' + el.className : ''), outline: getComputedStyle(shown).outlineStyle };
    })()`);
    if (name.startsWith('BODY')) break;
    t.not(outline, 'none', `${name} shows no focus`);
    reached.add(name.replace(/ of \d+ connections$/, ''));
  }
  for (const name of ['timeline-search', 'Timeline', 'Zoom in']) t.true([...reached].some((it) => it.startsWith(name)), `${name} among ${[...reached].join(', ')}`);
  t.deepEqual(open.complaints, []);
  await open.close();
});

test('what is outside of the selected time is told from what is in it', async (t) => {
  const { open, page, analysis } = await openRecorded(t, 'nested-checkout');
  const finding = analysis.report.findings.find(({ rule }) => rule === 'pool-deadlock');
  await brush(open, 0.02, 0.12);
  const meta = page.locator(`[id="${finding?.fingerprint}"] .meta`);
  await meta.getByText(/not in the selected time \(\d+ times? in the whole run\)/).waitFor();
  await page.getByRole('button', { name: 'Back to the whole run' }).click();
  await meta.getByText(/· \d+ times? ·/).waitFor();
  t.is(await page.getByRole('region', { name: 'Selected time', exact: true }).count(), 0);
  t.deepEqual(open.complaints, []);
  await open.close();
});
