import { createHash } from 'node:crypto';
import test from 'ava';
import type { Checkout } from '../../reports/model.js';
import { buildPageData, buildPageJson } from '../../reports/html/build-page-data.js';
import { packColumn, unpackColumn } from '../../reports/html/columns.js';
import type { Column } from '../../reports/html/page-data.js';
import { assignLanes } from '../../reports/html/lanes.js';
import { mergeRest } from '../../reports/html/merge-rest.js';
import { reducePoolSeries } from '../../reports/html/pool-steps.js';
import { RestActivity } from '../../reports/html/rest-activity.js';
import { renderHtml } from '../../reports/html/render.js';
import { StringTable } from '../../reports/html/string-table.js';
import { DURATION_EDGES_MS } from '../../reports/durations.js';
import { sampleCheckouts } from '../../reports/html/sample.js';
import { visibleText } from '../../reports/html/visible-text.js';
import { listOf } from '../../reports/timeline/checkout-list.js';
import { poolSeries } from '../../reports/timeline/pool-series.js';
import { big, flagship, healthy, HOSTILE, hostile, manyPools } from './html-support/analyses.js';

/** A script or style element's text, by its opening tag. */
function elementText(html: string, opening: string): string {
  const start = html.indexOf(opening) + opening.length;
  return html.slice(start, html.indexOf('</', start));
}

test('the policy allows exactly the script and the style that are in the page', (t) => {
  const html = renderHtml(flagship());
  const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(html)?.[1] ?? '';
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const directives = Object.fromEntries(policy.split('; ').map((part) => [part.slice(0, part.indexOf(' ')), part.slice(part.indexOf(' ') + 1)]));
  t.deepEqual(directives, {
    'default-src': "'none'",
    'script-src': hash(elementText(html, '<script>')),
    'style-src': hash(elementText(html, '<style>')),
    'img-src': 'data:',
    'base-uri': "'none'",
    'form-action': "'none'",
  });
  t.is(html.match(/<script[\s>]/g)?.length, 2);
  t.is(html.match(/<\/script>/g)?.length, 2);
});

test('texts of the program cannot leave the data, which reads back as it was', (t) => {
  const analysis = hostile();
  const html = renderHtml(analysis);
  const json = elementText(html, '<script type="application/json" id="data">');
  t.false(/[<\u2028\u2029]/.test(json));
  t.is(json, buildPageJson(analysis));
  t.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(buildPageData(analysis))));
  t.false(html.includes(HOSTILE));
  t.false(html.includes('<img'));
});

test('a report depends on nothing but its analysis', (t) => {
  t.is(renderHtml(healthy()), renderHtml(healthy()));
  const shuffled = healthy();
  shuffled.timeline.checkouts.reverse();
  t.is(renderHtml(shuffled), renderHtml(healthy()));
});

test('the title is the verdict unless another is given', (t) => {
  t.regex(renderHtml(healthy()), /<title>Healthy: in 24 s .* · pg-lifeguard<\/title>/);
  t.regex(renderHtml(healthy(), { title: 'a <b> & c' }), /<title>a &lt;b&gt; &amp; c<\/title>/);
});

test('characters that hide or turn text around are spelled out; others stay', (t) => {
  t.is(visibleText('a\u202Eb\u0000c\u200bd\u2028'), 'a\\u{202e}b\\u{0}c\\u{200b}d\\u{2028}');
  t.is(visibleText('sélect\t1\r\nfrom 表 -- 😀'), 'sélect\t1\nfrom 表 -- 😀');
  t.is(visibleText('x'.repeat(12), 10), `${'x'.repeat(10)}… (2 more characters)`);
});

test('columns read back as they were', (t) => {
  const powers = Array.from({ length: 50 }, (_, i) => 2 ** i);
  for (const values of [[], [7], [7, 7, 7], [0, -1, 5], [45, 46, 47, 2115, 2116], powers, powers.map((n, i) => (i % 3 === 0 ? -n : n - 1))]) t.deepEqual(Array.from(unpackColumn(packColumn(values), values.length)), values);
  t.is(packColumn([7, 7, 7]), 7);
  t.throws(() => packColumn([1, 0.5]), { instanceOf: RangeError, message: /0\.5/ });
  const texts = JSON.stringify(Array.from({ length: 92 * 46 }, (_, i) => packColumn([i, i + 1])));
  t.false(/[<\\]/.test(texts), 'nothing in it needs escaping');
});

test('connections that follow each other share a lane; those that live together do not', (t) => {
  const { timeline } = healthy();
  const [pool] = timeline.pools;
  const life = (id: string, connectedMs: number, closedMs: number | null) => ({ id, pool: pool ?? null, backend: null, connectingMs: connectedMs, connectedMs, closedMs, error: null });
  const connections = [life('a', 0, 10), life('b', 5, 20), life('c', 10, null), life('d', 30, null)];
  const lanes = assignLanes(listOf([]), connections, 100);
  t.deepEqual(lanes.connections.map((c) => [c.lane, c.startMs, c.endMs]), [[0, 0, 10], [1, 5, 20], [0, 10, 100], [1, 30, 100]]);
  t.is(lanes.count, 2);
});

test('a checkout whose connection is not known still has a lane, one without a connection has none', (t) => {
  const { timeline } = healthy();
  const [first, second] = timeline.checkouts as [Checkout, Checkout];
  const lanes = assignLanes(listOf([{ ...first, connection: null }, { ...second, connection: null, acquiredMs: null }]), [], timeline.endMs);
  t.deepEqual([...lanes.of], [0, -1]);
});

test('within its budget the sample is everything; beyond it the longest of each stretch and what is wanted', (t) => {
  const { timeline } = flagship();
  const { checkouts, endMs } = timeline;
  const all = sampleCheckouts(listOf(checkouts), () => 0, 1, { wanted: new Set(), welcome: new Set() }, endMs, 1e9);
  t.is(all.kept, checkouts.length);
  t.is(all.bucketMs, 0);
  const wanted = checkouts[17]?.id ?? '';
  const some = sampleCheckouts(listOf(checkouts), () => 0, 1, { wanted: new Set([wanted]), welcome: new Set() }, endMs, 5000);
  t.true(some.kept < checkouts.length / 4);
  t.is(some.keep[17], 1);
  const length = (c: Checkout): number => (c.endedMs ?? endMs) - (c.acquiredMs ?? 0);
  const longest = checkouts.reduce((a, b) => (length(b) > length(a) ? b : a));
  t.is(some.keep[checkouts.indexOf(longest)], 1);
});

test('what the sample leaves out is added up: no time is lost and none is counted twice', (t) => {
  const { timeline } = flagship();
  const { checkouts, endMs } = timeline;
  const keep = new Uint8Array(checkouts.length);
  keep.fill(1, 0, 100);
  const rest = checkouts.slice(100);
  // One lane holds one checkout at a time; here ten share it, and so a bucket may be full ten times over: use wide ones of one connection.
  const one = timeline.connections[0];
  const lane = (index: number): number => (checkouts[index]?.connection === one ? 0 : -1);
  const activity = new RestActivity(endMs);
  const merged = mergeRest(listOf(checkouts), (index) => keep[index] === 1, lane, 1, 1000, endMs, activity);
  const mine = rest.filter((c) => c.connection === one);
  const total = (column: Column): number => unpackColumn(column, merged.rows).reduce((a, b) => a + b, 0);
  const sqlMs = mine.flatMap((c) => c.queries).reduce((a, q) => a + q.ms, 0);
  const waitMs = mine.flatMap((c) => c.gaps.flatMap((g) => g.waits)).reduce((a, w) => a + w.ms, 0);
  t.true(Math.abs(total(merged.sql) - sqlMs) < merged.rows, `${total(merged.sql)} for ${sqlMs} ms of statements`);
  t.true(Math.abs(total(merged.await) - waitMs) < merged.rows, `${total(merged.await)} for ${waitMs} ms of awaits`);
  const page = activity.finish(new StringTable());
  const all = (column: Column, length: number): number => unpackColumn(column, length).reduce((a, b) => a + b, 0);
  const bins = page.buckets * (DURATION_EDGES_MS.length + 1);
  t.is(all(page.wait, bins), rest.length);
  t.is(all(page.use, bins), mine.length);
  const holdMs = mine.reduce((sum, c) => sum + (c.endedMs ?? endMs) - (c.acquiredMs ?? 0), 0);
  const kinds = [page.kinds.sql, page.kinds.await, page.kinds.idle, page.kinds.held].map((column) => all(column, page.buckets) / 1000).reduce((a, b) => a + b, 0);
  t.true(Math.abs(kinds / holdMs - 1) < 0.001, `${kinds} for ${holdMs} ms of holds`);
  t.true(Math.abs(all(page.kinds.await, page.buckets) / 1000 - waitMs) < 1);
  t.true(Math.abs(all(page.groups.times.us, page.groups.times.rows) / 1000 / (waitMs + sqlMs) - 1) < 0.001, `each statement and await is named: ${all(page.groups.times.us, page.groups.times.rows) / 1000} of ${waitMs + sqlMs}`);
});

test('a long series is averaged in equal steps, without losing a peak of waiting or the time in use', (t) => {
  const { timeline } = flagship();
  const [pool] = timeline.pools;
  if (pool === undefined) throw new Error('no pool');
  const series = poolSeries(timeline, pool);
  const exact = reducePoolSeries(series, pool.max, timeline.endMs, Infinity);
  const coarse = reducePoolSeries(series, pool.max, timeline.endMs, 200);
  t.is(exact.bucketMs, 0);
  t.is(coarse.bucketMs, 600);
  t.is(coarse.steps.length, 200);
  t.is(Math.max(...coarse.steps.map((s) => s.pending)), 14);
  const heldMs = timeline.checkouts.reduce((sum, c) => sum + (c.endedMs ?? 0) - (c.acquiredMs ?? 0), 0);
  const drawnMs = coarse.steps.reduce((sum, step) => sum + step.used * coarse.bucketMs, 0);
  t.true(Math.abs(drawnMs / heldMs - 1) < 0.001, `${drawnMs} for ${heldMs}`);
  t.is(coarse.exhausted.length, 1);
  // One span to be drawn, and yet the exact time.
  const fullMs = [...series.used].reduce((sum, used, step) => (used < pool.max ? sum : sum + (series.atMs[step + 1] ?? timeline.endMs) - (series.atMs[step] ?? 0)), 0);
  const [[, spanMs, breaksMs] = [0, 0, 0]] = coarse.exhausted;
  t.true(breaksMs > 1, `${breaksMs}`);
  t.true(Math.abs(spanMs - breaksMs - fullMs) < 1e-6, `${spanMs} less ${breaksMs} for ${fullMs}`);
  t.deepEqual(reducePoolSeries(series, pool.max + 1, timeline.endMs, 200).exhausted, []);
});

test('findings come by share, and their examples are always among what is shown', (t) => {
  const analysis = flagship();
  analysis.report.findings.reverse();
  const data = buildPageData(analysis, 3000);
  t.deepEqual(data.findings.map((f) => f.rule), ['await-in-transaction', 'long-transaction', 'pool-starvation']);
  t.is(data.findings[data.first]?.rule, 'pool-starvation', 'what the verdict begins with, wherever it is');
  const [page] = data.pools;
  t.true((page?.timeline.shown ?? 0) < (page?.timeline.total ?? 0));
  for (const finding of data.findings) for (const example of finding.examples) t.true(example.pool === 0 && example.checkout >= 0);
});

test('the data of any run stays small', (t) => {
  const json = buildPageJson(big(60_000));
  t.true(Buffer.byteLength(json) <= 1_800_000, `${json.length} characters`);
  const data = JSON.parse(json) as ReturnType<typeof buildPageData>;
  t.true((data.pools[0]?.timeline.total ?? 0) > 60_000);
});

test('many pools share the room', (t) => {
  const analysis = manyPools(40);
  const json = buildPageJson(analysis);
  t.true(Buffer.byteLength(json) <= 1_800_000, `${json.length} characters`);
  t.is((JSON.parse(json) as ReturnType<typeof buildPageData>).pools.length, 40);
});

test('texts that are many and long make the timeline shorter, not the page bigger', (t) => {
  const analysis = flagship();
  for (const [i, checkout] of analysis.timeline.checkouts.entries()) {
    for (const query of checkout.queries) query.statement = { text: `select ${i} /* <${'é'.repeat(1500)}> */` };
  }
  const json = buildPageJson(analysis);
  t.true(Buffer.byteLength(json) <= 1_800_000, `${json.length} characters`);
  const data = JSON.parse(json) as ReturnType<typeof buildPageData>;
  t.true((data.pools[0]?.timeline.shown ?? 0) > 10);
});
