import test from 'ava';
import { renderHtml } from '../../reports/html/render.js';
import { big, empty, flagship, healthy, hostile, inconclusive, manyPools } from './html-support/analyses.js';
import { launchBrowser, type OpenPage, type TestBrowser } from './html-support/browser.js';

let browser: TestBrowser;

test.before(async () => {
  browser = await launchBrowser();
});

test.after.always(async () => {
  await browser?.close();
});

/** The time range that the toolbar shows. */
async function rangeOf({ page }: OpenPage): Promise<{ from: number; to: number; span: number }> {
  const toolbar = page.getByRole('toolbar', { name: 'Timeline' });
  const from = Number(await toolbar.getAttribute('data-from'));
  const to = Number(await toolbar.getAttribute('data-to'));
  return { from, to, span: to - from };
}

async function canvasBox({ page }: OpenPage): Promise<{ x: number; y: number; width: number; height: number }> {
  const canvas = page.locator('.lanes canvas');
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  if (box === null) throw new Error('the timeline is not visible');
  return box;
}

for (const make of [flagship, healthy, inconclusive, empty]) {
  test(`${make.name}: opens from a file without complaint or request, with its verdict as heading`, async (t) => {
    const analysis = make();
    const open = await browser.open(renderHtml(analysis));
    const { page } = open;
    const heading = await page.getByRole('heading', { level: 1 }).textContent();
    t.is(heading?.replaceAll('\u200b', '').replaceAll('\u00a0', ' '), analysis.report.summary);
    for (const text of analysis.report.missing) t.true(await page.getByText(text).isVisible());
    t.is(await page.getByRole('main').count(), 1);
    t.is(await page.getByRole('contentinfo').count(), 1);
    t.deepEqual(open.complaints, []);
    t.deepEqual(open.requests, []);
    await open.close();
  });
}

test('the policy of the page lets nothing in and nothing out', async (t) => {
  const open = await browser.open(renderHtml(healthy()));
  const directives = ['script-src-elem', 'script-src-attr', 'style-src-attr', 'img-src', 'connect-src'];
  const blocked = await open.page.evaluate<{ hacked: boolean; violations: string[] }>(`(async () => {
    const violations = [];
    document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
    const script = document.createElement('script');
    script.textContent = 'window.hacked = 1';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<img src="http://127.0.0.1:9/x.png"><p style="color:red"><button onclick="window.hacked = 1">');
    document.body.lastElementChild.firstElementChild?.click();
    document.querySelector('button[onclick]').click();
    await fetch('http://127.0.0.1:9/').catch(() => undefined);
    const isMissing = (directive) => !violations.includes(directive);
    for (const end = Date.now() + 60_000; ${JSON.stringify(directives)}.some(isMissing) && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 20));
    return { hacked: 'hacked' in window, violations };
  })()`);
  t.false(blocked.hacked);
  for (const directive of directives) t.true(blocked.violations.includes(directive), directive);
  await open.close();
});

test('findings are in order of their share, with source, statements and advice; a link opens one', async (t) => {
  const analysis = flagship();
  const open = await browser.open(renderHtml(analysis));
  const { page } = open;
  const titles = (await page.locator('.finding h3').allTextContents()).map((text) => text.replaceAll('\u200b', ''));
  t.deepEqual(titles, analysis.report.findings.map((finding) => finding.title));
  const [first, second] = analysis.report.findings;
  const card = page.locator(`[id="${first?.fingerprint}"]`);
  t.regex((await card.locator('.guilty').first().textContent()) ?? '', /88.*await fetch/);
  t.true(await card.getByText('Ask the warehouse before BEGIN').isVisible());
  t.true(await card.locator('.statements').getByText('select').first().isVisible());
  t.true(await card.getByText(/Where the .* of these holds went/).isVisible());
  const other = page.locator(`[id="${second?.fingerprint}"]`);
  t.is(await other.getAttribute('open'), null);
  await page.evaluate(`location.hash = '${second?.fingerprint}'`);
  await page.waitForFunction(`document.getElementById('${second?.fingerprint}').open`);
  t.true(await other.getByText('typeorm', { exact: true }).isVisible());
  await open.close();
});

test('the verdict names the line to change first, and leads to its finding', async (t) => {
  const open = await browser.open(renderHtml(flagship()));
  const box = open.page.locator('.first-line');
  t.regex(((await box.textContent()) ?? '').replaceAll('\u200b', ''), /src\/routes\/orders\.ts:88.*const stock = await fetch/);
  await box.getByRole('link').click();
  t.is(new URL(open.page.url()).hash, '#a41f09c2d7');
  await open.close();
  const calm = await browser.open(renderHtml(healthy()));
  t.is(await calm.page.locator('.first-line').count(), 0);
  await calm.close();
});

test('dragging over the chart selects a range that the rest follows; a button shows everything again', async (t) => {
  const open = await browser.open(renderHtml(flagship()));
  const { page } = open;
  const whole = await page.locator('.range-title').textContent();
  t.regex(whole ?? '', /The whole run/);
  const over = page.locator('.u-over');
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  if (box === null) throw new Error('the chart is not visible');
  await page.mouse.move(box.x + box.width * 0.25, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.4, box.y + 60, { steps: 4 });
  await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.getByText(/From 0:(29|30).* to (0:59|1:00)/).waitFor();
  const range = await rangeOf(open);
  t.true(Math.abs(range.from - 30_000) < 1000, `from ${range.from}`);
  t.true(Math.abs(range.to - 60_000) < 1000, `to ${range.to}`);
  t.true(await page.getByRole('heading', { name: 'in the selected range' }).isVisible());
  await page.getByRole('button', { name: 'Show the whole run' }).click();
  t.is((await rangeOf(open)).span, 120_000);
  await page.getByText('The whole run:').waitFor();
  await open.close();
});

test('pointing at the chart tells who held the connections then', async (t) => {
  const open = await browser.open(renderHtml(flagship()));
  const { page } = open;
  const over = page.locator('.u-over');
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  if (box === null) throw new Error('the chart is not visible');
  await page.mouse.move(box.x + box.width * 0.72, box.y + 60);
  const moment = (await page.locator('div.moment').textContent()) ?? '';
  t.regex(moment, /10 held, 14 waiting/);
  t.regex(moment, /\d+ × awaiting GET warehouse\.internal\/stock\/:id orders\.ts:88/);
  t.regex((await page.locator('.chart-head').textContent()) ?? '', /waiting 14/);
  await open.close();
});

test('the timeline zooms around the pointer, is dragged, and obeys keys and buttons', async (t) => {
  const open = await browser.open(renderHtml(flagship()));
  const { page } = open;
  const box = await canvasBox(open);
  const gutter = 58;
  const atShare = (share: number): number => box.x + gutter + (box.width - gutter) * share;
  await page.mouse.move(atShare(0.75), box.y + 150);
  for (let i = 0; i < 5; i++) await page.mouse.wheel(0, -300);
  await page.waitForFunction(`document.querySelector('.toolbar').dataset.from !== '0.000'`);
  const zoomed = await rangeOf(open);
  t.true(zoomed.span < 10_000);
  t.true(Math.abs(zoomed.from + zoomed.span * 0.75 - 90_000) < zoomed.span * 0.02, 'the moment under the pointer stays there');
  await page.mouse.down();
  await page.mouse.move(atShare(0.5), box.y + 150, { steps: 5 });
  await page.mouse.up();
  const dragged = await rangeOf(open);
  t.true(Math.abs(dragged.from - zoomed.from - zoomed.span * 0.25) < zoomed.span * 0.02);
  t.true(Math.abs(dragged.span - zoomed.span) < 0.01);
  const canvas = page.locator('.lanes canvas');
  await canvas.focus();
  await page.keyboard.press('+');
  t.true(Math.abs((await rangeOf(open)).span - dragged.span / 2) < 0.01);
  await page.keyboard.press('-');
  await page.keyboard.press('ArrowRight');
  t.true((await rangeOf(open)).from > dragged.from);
  await page.keyboard.press('ArrowLeft');
  t.true(Math.abs((await rangeOf(open)).from - dragged.from) < 0.01);
  await page.getByRole('button', { name: 'Zoom in' }).click();
  t.true((await rangeOf(open)).span < dragged.span);
  await page.getByRole('button', { name: 'Fit' }).click();
  t.is((await rangeOf(open)).span, 120_000);
  t.deepEqual(open.complaints, []);
  await open.close();
});

test('an example leads to its checkout; hovering, clicking and keys select others', async (t) => {
  const analysis = flagship();
  const open = await browser.open(renderHtml(analysis));
  const { page } = open;
  const example = analysis.report.findings[0]?.evidence.examples[0];
  await page.locator('.examples button').first().click();
  const details = page.getByRole('region', { name: 'Selected checkout' });
  t.regex((await details.textContent()) ?? '', new RegExp(`Checkout ${example?.checkout.split(':')[1]}: held for 8\\d\\d ms`));
  t.regex(((await details.textContent()) ?? '').replaceAll('\u200b', ''), /awaiting GET warehouse\.internal\/stock\/:id src\/routes\/orders\.ts:88/);
  const range = await rangeOf(open);
  t.true(range.from < (example?.startMs ?? 0) && range.to > (example?.startMs ?? 0) + (example?.ms ?? 0));
  const before = await details.getByRole('heading').textContent();
  await page.keyboard.press('.');
  t.not(await details.getByRole('heading').textContent(), before);
  await page.keyboard.press('Escape');
  t.is(await details.textContent(), 'No checkout selected.');
  const box = await canvasBox(open);
  await page.mouse.move(box.x + box.width * 0.6, box.y + 24 + 52 + 32 * 4.5);
  t.regex((await page.locator('.tooltip').textContent()) ?? '', /held from/);
  await page.mouse.down();
  await page.mouse.up();
  t.regex((await details.textContent()) ?? '', /lane 5 \(server process \d+\), released/);
  await open.close();
});

test('the visible part is there as a table, too', async (t) => {
  const open = await browser.open(renderHtml(flagship()));
  const { page } = open;
  await page.getByText('The visible checkouts as a table').click();
  const rows = page.getByRole('region', { name: 'Visible checkouts' }).getByRole('row');
  await rows.nth(1).waitFor();
  t.is(await rows.count(), 51);
  await page.getByRole('button', { name: /^Select checkout/ }).first().click();
  t.regex((await page.getByRole('region', { name: 'Selected checkout' }).textContent()) ?? '', /^Checkout \d+: held for/);
  await open.close();
});

test('of several pools one is shown, and another can be chosen', async (t) => {
  const open = await browser.open(renderHtml(manyPools(3)));
  const { page } = open;
  const picker = page.getByRole('combobox', { name: '3 pools were recorded. Show' });
  t.is(await picker.inputValue(), '0');
  await page.getByText('The visible checkouts as a table').click();
  await page.getByRole('button', { name: /^Select checkout/ }).first().click();
  await picker.selectOption('2');
  t.is(await page.locator('.lanes canvas').count(), 1);
  t.is(await page.getByRole('region', { name: 'Selected checkout' }).textContent(), 'No checkout selected.');
  t.deepEqual(open.complaints, []);
  await open.close();
  const single = await browser.open(renderHtml(healthy()));
  t.is(await single.page.getByRole('combobox').count(), 0);
  await single.close();
});

test('markup in texts stays text', async (t) => {
  const open = await browser.open(renderHtml(hostile()));
  const { page } = open;
  await page.locator('.examples button').first().click();
  await page.getByText('The visible checkouts as a table').click();
  await page.waitForTimeout(200);
  t.is(await page.evaluate(`'hacked' in window ? String(window.hacked) : 'no'`), 'no');
  t.is(await page.locator('img, #page script, a[href^="javascript"]').count(), 0);
  t.regex((await page.getByRole('heading', { level: 1 }).textContent()) ?? '', /<img src=x onerror="window\.hacked=2">/);
  t.regex((await page.title()) ?? '', /<\/script>/);
  t.deepEqual(open.complaints, []);
  t.deepEqual(open.requests, []);
  await open.close();
});

for (const make of [flagship, hostile, inconclusive]) {
  test(`${make.name}: nothing is wider than a phone of 400 pixels`, async (t) => {
    const open = await browser.open(renderHtml(make()), { viewport: { width: 400, height: 800 } });
    await open.page.evaluate(`document.querySelectorAll('details').forEach((details) => (details.open = true))`);
    t.is(await open.page.evaluate('document.documentElement.scrollWidth'), 400);
    t.deepEqual(open.complaints, []);
    await open.close();
  });
}

test('light and dark follow the system until one is chosen', async (t) => {
  const open = await browser.open(renderHtml(healthy()), { colorScheme: 'dark' });
  const { page } = open;
  const brightness = (): Promise<number> =>
    page.evaluate(`getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number).reduce((sum, part) => sum + part)`);
  t.true((await brightness()) < 200);
  await page.getByRole('radio', { name: 'Light' }).check();
  t.true((await brightness()) > 600);
  await page.getByRole('radio', { name: 'Dark' }).check();
  t.true((await brightness()) < 200);
  await page.emulateMedia({ media: 'print' });
  t.true((await brightness()) > 600, 'paper is light');
  t.deepEqual(open.complaints, []);
  await open.close();
});

test('two hundred thousand checkouts: two megabytes, and the page says what it leaves out', async (t) => {
  const analysis = big();
  const html = renderHtml(analysis);
  t.true(Buffer.byteLength(html) <= 2_000_000, `${Buffer.byteLength(html)} bytes`);
  const open = await browser.open(html);
  const { page } = open;
  const total = analysis.timeline.checkouts.length.toLocaleString('en');
  const shown = (await page.locator('.shown').textContent()) ?? '';
  t.regex(shown, new RegExp(`^[\\d,]+ of ${total} checkouts are drawn one by one`));
  await page.locator('.examples button').first().click();
  t.regex((await page.getByRole('region', { name: 'Selected checkout' }).textContent()) ?? '', /^Checkout \d+: held for/);
  t.log(`${Buffer.byteLength(html)} bytes, drawn in ${await page.locator('.lanes canvas').getAttribute('data-draw-ms')} ms`);
  t.deepEqual(open.complaints, []);
  await open.close();
});
