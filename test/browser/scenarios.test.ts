/** The report of each scenario's faulty variant, opened in a browser and used: read, filtered, zoomed, searched, followed. */
import test from 'ava';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { firstToChange } from '../../reports/first-to-change.js';
import { VSCODE_PATTERN } from '../../reports/html/links.js';
import { renderHtml } from '../../reports/html/render.js';
import type { Occurrences } from '../../reports/model.js';
import { SCENARIOS } from '../../scenarios/catalogue.js';
import { launchBrowser, type TestBrowser } from '../reports/html-support/browser.js';
import { temporaryFolder } from '../support/folder.js';
import { brush, plain, rangeOf } from './acts.js';
import { analyseRecorded, HERE, listRecorded } from './traces.js';

let browser: TestBrowser;

test.before(async () => {
  browser = await launchBrowser();
});

test.after.always(async () => {
  await browser?.close();
});

test('every scenario with a fault is recorded', (t) => {
  t.deepEqual(listRecorded(), SCENARIOS.filter(({ variants }) => variants.faulty !== undefined).map(({ name }) => name).toSorted());
});

/** How many of them lasted into the range, and for how long; null where they are known in sums only. */
function within(occurrences: readonly Occurrences[], from: number, to: number): { count: number; ms: number } | null {
  let [count, ms] = [0, 0];
  for (const { columnMs, startMs, ms: lengths } of occurrences) {
    if (columnMs > 0) return null;
    for (const [i, start] of startMs.entries()) {
      const inside = Math.min(to, start + (lengths[i] ?? 0)) - Math.max(from, start);
      if (inside < 0) continue;
      count += 1;
      ms += inside;
    }
  }
  return { count, ms };
}

for (const name of listRecorded()) {
  test.serial(`${name}: the report is read, filtered, zoomed, searched and followed`, async (t) => {
    const analysis = await analyseRecorded(name, temporaryFolder(t));
    const { report, timeline, occurrences } = analysis;
    const open = await browser.open(renderHtml(analysis, { links: { pattern: VSCODE_PATTERN, cwd: report.run.cwd, root: null } }));
    const { page } = open;
    t.is(plain(await page.getByRole('heading', { level: 1 }).textContent()), plain(report.summary));
    t.is(await page.locator('.finding').count(), report.findings.length);

    // The line to change first leads to a file that is there, and has that line.
    const first = firstToChange(report.findings);
    if (first !== null) {
      const href = (await page.locator('.first-line .place-link').getAttribute('href')) ?? '';
      const [, path = '', line = '', column = ''] = /^vscode:\/\/file(\/.+):(\d+):(\d+)$/.exec(href) ?? [];
      const file = fileURLToPath(`file://${path}`);
      t.true(file.startsWith(HERE) && existsSync(file), href);
      t.deepEqual([Number(line), Number(column)], [first.callSite.line, first.callSite.column]);
      t.true(readFileSync(file, 'utf8').split('\n').length >= Number(line));
      await page.getByRole('link', { name: 'Why, and what to do' }).click();
      await page.waitForFunction(`document.getElementById('${first.fingerprint}').open`);
    }

    // Selecting a time: the findings tell of it; a button shows the whole run again.
    await brush(open, 0.4, 0.7);
    const range = await rangeOf(open);
    t.true(range.span < timeline.endMs * 0.5);
    for (const finding of report.findings) {
      const expected = within(occurrences?.get(finding.fingerprint) ?? [], range.from, range.to);
      if (expected === null || occurrences?.get(finding.fingerprint)?.length === 0) continue;
      const meta = page.locator(`[id="${finding.fingerprint}"] .meta`);
      await meta.getByText('in the selected time').waitFor();
      const said = plain(await meta.textContent());
      t.is(Number(/in the selected time ([\d,]+) times?/.exec(said)?.[1]?.replaceAll(',', '') ?? 0), expected.count, said);
    }
    await page.getByRole('button', { name: 'Back to the whole run' }).click();
    await page.getByText('The whole run:').waitFor();

    // Worst examples are in the timeline.
    const example = page.locator('.finding[open] .examples button').first();
    if ((await example.count()) > 0) {
      await example.click();
      t.regex(plain(await page.getByRole('region', { name: 'Selected checkout' }).textContent()), /^Checkout \d+: (held for|waited)/);
      const longest = timeline.checkouts.reduce((most, { requestedMs, endedMs }) => Math.max(most, (endedMs ?? timeline.endMs) - requestedMs), 0);
      t.true((await rangeOf(open)).span <= longest * 2.6);
    }
    await page.locator('.lanes canvas').focus();
    await page.keyboard.press('0');
    await page.keyboard.press('+');
    t.true(Math.abs((await rangeOf(open)).span / timeline.endMs - 0.5) < 0.01);

    // What it ran and where is found.
    const [statement] = timeline.checkouts.flatMap(({ queries }) => queries.map((query) => query.statement.text));
    if (statement !== undefined) {
      await page.getByRole('searchbox').fill(statement.slice(0, 40));
      await page.getByText(/^([\d,]+ of )?[1-9][\d,]* checkouts?/).waitFor();
      await page.keyboard.press('Enter');
      await page.getByText(/^[\d,]+ of [\d,]+ checkouts?/).waitFor();
      t.regex(plain(await page.getByRole('region', { name: 'Selected checkout' }).textContent()), /^Checkout \d+: (held for|waited)/);
    }
    t.deepEqual(open.complaints, []);
    t.deepEqual(open.requests, []);
    await open.close();
  });
}
