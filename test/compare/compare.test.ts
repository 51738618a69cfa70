import test, { type ExecutionContext } from 'ava';
import { compareRuns, newErrors } from '../../reports/compare/compare.js';
import type { Comparison } from '../../reports/compare/model.js';
import { renderComparisonHtml } from '../../reports/compare/render-html.js';
import { renderComparisonTerminal } from '../../reports/compare/render-terminal.js';
import { analyseText } from '../reports/support/analyse-text.js';
import { launchBrowser } from '../reports/html-support/browser.js';

interface Shape {
  count?: number;
  /** Of the await in the transaction; 0: none. */
  gapMs?: (i: number) => number;
  line?: number;
  statement?: string;
  /** Every so many checkouts there is an await. */
  every?: number;
}

/** A run of transactions, one after the other, some of which await a timer. */
function run({ count = 96, gapMs = () => 50, line = 88, statement = 'SELECT stock', every = 1 }: Shape = {}): string {
  const lines = ['pool 1 max 2'];
  for (let i = 0, at = 0; i < count; i += 1) {
    const ms = i % every === 0 ? gapMs(i) : 0;
    lines.push(`checkout ${i + 1} pool 1 from ${at} wait 0 use ${ms + 4} at order@/app/orders.ts:80`, '  0..1 sql BEGIN -> T', `  1..2 sql ${statement} -> T`);
    if (ms > 0) lines.push(`  2..${ms + 2} wait timer "x" started order@/app/orders.ts:${line} awaited order@/app/orders.ts:${line}`);
    lines.push(`  ${ms + 2}..${ms + 3} sql COMMIT`);
    at += ms + 10;
  }
  return [...lines, 'end 0 at 60000'].join('\n');
}

async function compare(t: ExecutionContext, before: Shape, after: Shape): Promise<Comparison> {
  return compareRuns(await analyseText(t, run(before)), await analyseText(t, run(after)), { before: 'main', after: 'branch' });
}

const changes = ({ findings }: Comparison): string[] => findings.map(({ rule, change }) => `${rule} ${change}`);
const CLEAN: Shape = { gapMs: () => 0 };

test('a run and itself: everything is as before', async (t) => {
  const comparison = await compare(t, {}, {});
  t.deepEqual(changes(comparison), ['await-in-transaction same']);
  t.is(comparison.verdict, 'same');
  t.deepEqual(Object.values(comparison.pools[0]?.metrics ?? {}).map(({ verdict }) => verdict), ['same', 'same', 'same', 'same', 'same', 'same']);
});

test('fixed: gone; the other way around: new, which is an error', async (t) => {
  const fixed = await compare(t, {}, CLEAN);
  t.deepEqual(changes(fixed), ['await-in-transaction gone']);
  t.is(fixed.verdict, 'better');
  t.deepEqual(newErrors(fixed), []);
  const broken = await compare(t, CLEAN, {});
  t.deepEqual(changes(broken), ['await-in-transaction new']);
  t.is(broken.verdict, 'worse');
  t.is(newErrors(broken).length, 1);
});

test('longer is worse, shorter is better', async (t) => {
  t.deepEqual(changes(await compare(t, {}, { gapMs: () => 80 })), ['await-in-transaction worse']);
  t.deepEqual(changes(await compare(t, { gapMs: () => 80 }, {})), ['await-in-transaction better']);
});

test('a difference within the noise is not called one', async (t) => {
  const wild = (seed: number) => (i: number) => 20 + 180 * Math.abs(Math.sin(seed + Math.floor(i / 6) * 1.7));
  const { findings, verdict } = await compare(t, { gapMs: wild(1) }, { gapMs: wild(2) });
  t.deepEqual(findings.map(({ change }) => change), ['unclear']);
  t.is(verdict, 'inconclusive');
  const [finding] = findings;
  t.true((finding?.costMs.difference?.low ?? 0) < 0 && (finding?.costMs.difference?.high ?? 0) > 0);
});

test('a line that moved is the same finding', async (t) => {
  const { findings } = await compare(t, {}, { line: 99 });
  t.deepEqual(findings.map(({ change, callSite, movedFrom }) => [change, callSite?.line, movedFrom?.line]), [['same', 99, 88]]);
});

test('a finding that is rare may be missing by chance: not gone', async (t) => {
  const rare = await compare(t, { every: 48 }, { ...CLEAN, count: 40 });
  t.deepEqual(changes(rare), ['await-in-transaction unclear']);
  t.regex(rare.findings[0]?.doubt ?? '', /^seen twice in 96 checkouts, it may be missing among the 40 checkouts of the second run by chance$/);
  const often = await compare(t, { every: 48 }, { ...CLEAN, count: 400 });
  t.deepEqual(changes(often), ['await-in-transaction gone'], 'in a run that is long enough it would have been seen');
});

test('a finding whose statements did not run any more was not tried', async (t) => {
  const other = await compare(t, {}, { ...CLEAN, statement: 'SELECT other' });
  t.deepEqual(changes(other), ['await-in-transaction unclear']);
  t.regex(other.findings[0]?.doubt ?? '', /none of the statements next to it ran in the second run/);
});

test('a run without checkouts cannot be compared', async (t) => {
  const comparison = compareRuns(await analyseText(t, run()), await analyseText(t, 'pool 1 max 2'), { before: 'a', after: 'b' });
  t.is(comparison.verdict, 'inconclusive');
});

test('the terminal: what cannot be known is not cut off, and 40 columns are enough', async (t) => {
  const few = compareRuns(await analyseText(t, run({ count: 3 })), await analyseText(t, run({ count: 3, gapMs: () => 80 })), { before: 'main', after: 'branch' });
  const text = renderComparisonTerminal(few, { color: false, width: 80 });
  t.regex(text, /^held, half within .*, too few checkouts to know$/m);
  const narrow = renderComparisonTerminal(few, { color: false, width: 40 });
  t.regex(narrow, /^before main\n {2}3 checkouts in 60 s, 1 finding\n[^]*^UNCLEAR {2}orders\.ts:88\n {9}error · await-in-transaction$/m);
  t.regex(narrow, /^held, half within +54 ms +84 ms\n {2}\+56 %, too few checkouts to know$/m);
  t.deepEqual(narrow.split('\n').filter((line) => line.length > 40), []);
});

test('the terminal: what changed first, within 80 columns', async (t) => {
  const comparison = await compare(t, {}, { gapMs: () => 80 });
  const text = renderComparisonTerminal(comparison, { color: false, width: 80 });
  t.deepEqual(text.split('\n').filter((line) => line.length > 80), []);
  t.regex(text, /^ WORSE \n\nWorse: of 1 finding, 1 worse\.\n\nbefore main {2}96 checkouts/);
  t.regex(text, /\nWORSE {4}orders\.ts:88 · error · await-in-transaction\n[^]*50 ms → 80 ms a checkout, \+60 %; 96 → 96 times\n/);
});

test('the page shows both runs, on a narrow screen too, and trusts nothing that it shows', async (t) => {
  const before = await analyseText(t, run());
  const after = await analyseText(t, run({ gapMs: () => 80 }));
  const html = renderComparisonHtml(compareRuns(before, after, { before: '</script><img src=x onerror=alert(1)>', after: 'branch' }));
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  for (const width of [1280, 400]) {
    const { page, complaints, requests } = await browser.open(html, { viewport: { width, height: 900 } });
    t.is(await page.textContent('h1'), 'Worse: of 1 finding, 1 worse.');
    t.is(await page.locator('.compared.worse').count(), 1);
    t.is(await page.locator('tbody tr').count(), 6);
    t.regex((await page.textContent('.runs')) ?? '', /<img src=x/);
    t.true(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width);
    t.deepEqual([complaints, requests], [[], []]);
  }
});
