/** Parts of the report that one scenario shows best. */
import test, { type ExecutionContext } from 'ava';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { renderHtml } from '../../reports/html/render.js';
import type { Analysis } from '../../reports/model.js';
import { formatMoment, formatMs } from '../../reports/html/page/format.js';
import { manyPools } from '../reports/html-support/analyses.js';
import { launchBrowser, type OpenPage, type TestBrowser } from '../reports/html-support/browser.js';
import { temporaryFolder } from '../support/folder.js';
import { brush, plain, rangeOf } from './acts.js';
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

/** Runs in the page; returns what a reader with a screen reader or weak eyes would stumble over. */
const LOOK_FOR_FAULTS = `(() => {
  const faults = [];
  const plain = (text) => text.replace(/\\u200b/g, '').replace(/\\s+/g, ' ').trim();
  const isVisible = (el) => el.checkVisibility({ visibilityProperty: true }) && el.closest('.sr, [aria-hidden=true]') === null;
  for (const el of document.querySelectorAll('button, a[href], summary')) {
    const label = el.getAttribute('aria-label');
    const text = plain(el.innerText);
    if ((label ?? text) === '') faults.push('no name: ' + el.outerHTML.slice(0, 80));
    if (label !== null && /[a-z]/i.test(text) && !label.includes(text)) faults.push('name: ' + label + ' for ' + text);
    if (el.querySelector('button, a[href], input, [tabindex]') !== null) faults.push('nested: ' + text);
  }
  let level = 0;
  for (const el of document.querySelectorAll('h1, h2, h3, h4, h5')) {
    if (!isVisible(el)) continue;
    const next = Number(el.tagName[1]);
    if (next > level + 1) faults.push('heading: ' + el.textContent);
    level = next;
  }
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const colour = (css) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => [r, g, b].reduce((sum, c, i) => sum + [0.2126, 0.7152, 0.0722][i] * (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4), 0);
  for (const el of document.querySelectorAll('#page *')) {
    if (el.closest('svg, :disabled, .outside') !== null || !isVisible(el) || ![...el.childNodes].some((node) => node.nodeType === 3 && plain(node.data) !== '')) continue;
    let behind = el;
    while (behind !== null && colour(getComputedStyle(behind).backgroundColor)[3] < 255) behind = behind.parentElement;
    const style = getComputedStyle(el);
    const [a, b] = [light(colour(style.color)), light(colour(getComputedStyle(behind ?? document.body).backgroundColor))].sort((x, y) => y - x);
    const least = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least) faults.push('contrast: ' + ratio.toFixed(2) + ' of ' + plain(el.textContent).slice(0, 40));
  }
  return faults;
})()`;

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
  const shares = rows.filter((text) => !text.includes('nothing that was recorded')).map((text) => Number(/^(?:< )?([\d.]+) %/.exec(text)?.[1]));
  t.deepEqual(shares, shares.toSorted((a, b) => b - a));
  t.true(shares.every((share) => share > 0) && shares.reduce((a, b) => a + b, 0) <= 101, rows.join('\n'));
  const before = plain(await details.getByRole('heading', { level: 3 }).textContent());
  await details.getByRole('button', { name: /^Select the holder/ }).first().click();
  t.not(plain(await details.getByRole('heading', { level: 3 }).textContent()), before);
  await page.getByRole('button', { name: /^Show what the request waited for/ }).first().click();
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

test('of starvation, what was waited for is a list; facts are in words', async (t) => {
  const { open, page, analysis } = await openRecorded(t, 'eleventh-request');
  const finding = analysis.report.findings.find(({ rule }) => rule === 'pool-starvation');
  const blame = Object.entries(finding?.evidence.facts ?? {}).filter(([name]) => name.startsWith('blame'));
  t.true(blame.length > 0);
  await page.evaluate(`location.hash = '${finding?.fingerprint}'`);
  const card = page.locator(`[id="${finding?.fingerprint}"]`);
  await card.getByRole('heading', { name: 'What they waited for' }).waitFor();
  t.deepEqual((await card.locator('.statements li').allTextContents()).map(plain), blame.map(([, value]) => plain(String(value))));
  const names = await card.locator('.facts dt').allTextContents();
  t.true(names.includes('requests waiting at once, at most'));
  t.false(names.some((name) => /blame|[A-Z]/.test(name)), names.join());
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

test('a selected time has worst occurrences, a decomposition, statements and waits of its own', async (t) => {
  const { open, page, analysis } = await openRecorded(t, 'eleventh-request');
  const [finding] = analysis.report.findings;
  const [seen] = analysis.occurrences?.get(finding?.fingerprint ?? '') ?? [];
  if (finding === undefined || seen === undefined) throw new Error('no finding');
  const card = page.locator(`[id="${finding.fingerprint}"]`);
  const examples = card.locator('.examples').first();
  const listed = async (): Promise<string[]> => (await examples.getByRole('button').allTextContents()).map((text) => / at (\S+)$/.exec(plain(text))?.[1] ?? '');
  const whole = await listed();
  const lists: string[] = [];
  for (const [from, to] of [[0.1, 0.25], [0.7, 0.8]] as const) {
    await brush(open, from, to);
    const range = await rangeOf(open);
    const expected = [...seen.startMs.keys()]
      .filter((i) => (seen.startMs[i] ?? 0) <= range.to && (seen.startMs[i] ?? 0) + (seen.ms[i] ?? 0) >= range.from)
      .toSorted((a, b) => (seen.ms[b] ?? 0) - (seen.ms[a] ?? 0))
      .slice(0, 10)
      .map((i) => formatMoment(seen.startMs[i] ?? 0, 10));
    t.true(expected.length > 0);
    await examples.getByText('in the selected time').waitFor();
    t.deepEqual((await listed()).toSorted(), expected.toSorted());
    lists.push(expected.join());
    // As much as these holds have in the range.
    const { holds } = seen;
    const heldMs = holds.startMs.reduce((sum, start, i) => sum + Math.max(0, Math.min(range.to, start + (holds.ms[i] ?? 0)) - Math.max(range.from, start)), 0);
    t.is(plain(await card.locator('.decomposition figcaption').textContent()), `Where the ${formatMs(heldMs)} of these holds in the selected time went`);
    t.true((await card.locator('.statements li').count()) > 0);
    await card.getByText('Who waited because of it, in the selected time').waitFor();
    t.true(await card.getByRole('heading', { name: 'In the whole run' }).isVisible(), 'what does not follow says so');
    const waited = card.locator('.examples').nth(1).getByRole('button');
    for (const text of await waited.allTextContents()) {
      const [, ms = '', unit = '', minute = '', second = ''] = /^([\d.]+) (ms|s) at (\d+):([\d.]+)/.exec(plain(text)) ?? [];
      const start = Number(minute) * 60_000 + Number(second) * 1000;
      t.true(start <= range.to + 10 && start + Number(ms) * (unit === 's' ? 1000 : 1) >= range.from - 20, `${text} in ${range.from} to ${range.to}`);
    }
    await page.getByRole('button', { name: 'Back to the whole run' }).click();
    await card.getByText('in the selected time').first().waitFor({ state: 'detached' });
  }
  t.deepEqual(await listed(), whole);
  t.is(new Set([whole.join(), ...lists]).size, 3, 'each time has others');
  t.deepEqual(open.complaints, []);
  await open.close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`names say what is visible, headings follow each other, no control is in another, text has contrast (${colorScheme})`, async (t) => {
    const { open, page } = await openRecorded(t, 'nested-checkout', { colorScheme });
    await page.getByRole('button', { name: /^Show the request in the timeline/ }).first().click();
    await page.evaluate(`document.querySelectorAll('details').forEach((it) => (it.open = true))`);
    const faults = await page.evaluate<string[]>(LOOK_FOR_FAULTS);
    t.deepEqual(faults, []);
    // And it would find one.
    await page.evaluate(`document.querySelector('.t-comment').style.color = '#777'; document.querySelector('.examples button').setAttribute('aria-label', 'Show'); document.querySelector('summary').append(document.createElement('button'))`);
    const kinds = (await page.evaluate<string[]>(LOOK_FOR_FAULTS)).map((text) => text.slice(0, text.indexOf(':')));
    for (const kind of ['contrast', 'name', 'nested', 'no name']) t.true(kinds.includes(kind), kind);
    await open.close();
  });
}

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
