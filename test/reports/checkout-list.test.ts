import { join } from 'node:path';
import test from 'ava';
import type { RawGap, RawWait, WaitKind } from '../../probes/trace/events.js';
import { analyse } from '../../reports/analyse.js';
import { DEFAULT_LIMITS } from '../../reports/limits.js';
import { noteRun } from '../../reports/notes.js';
import { readTrace } from '../../reports/read/read-trace.js';
import { renderers } from '../../reports/renderers/index.js';
import { openContext } from '../../reports/rules/context.js';
import { runRules } from '../../reports/rules/index.js';
import { summarisePools } from '../../reports/summarise-pools.js';
import { buildTimeline } from '../../reports/timeline/build-timeline.js';
import { checkoutsOf, listOf, type CheckoutList } from '../../reports/timeline/checkout-list.js';
import { firstAfter, lastBefore } from '../../reports/timeline/locate.js';
import { orderRows } from '../../reports/timeline/order-rows.js';
import { judge } from '../../reports/verdict.js';
import { makeTrace } from '../bench/analysis/make-trace.js';
import { randomFrom } from '../bench/analysis/random.js';
import { directoryWith, toNdjson } from './support/analyse-text.js';
import { randomTrace } from './support/random-trace.js';
import { traceOf } from './support/trace-text.js';

/** Three processes at once. */
const TRACES = Object.fromEntries([1, 2, 3].map((seed) => [`${seed}.ndjson`, toNdjson(traceOf(`process ${seed} cwd /app\n${randomTrace(seed)}\nend 0 at 2000`))]));

/** What a list tells of its checkouts without them. */
function told(list: CheckoutList): unknown {
  const each = Array.from({ length: list.length }, (_, index) => [list.idOf(index), list.viaOf(index), list.stackOf(index), list.connectionOf(index)?.id, list.countParts(index)]);
  return { each, times: list.times, pools: [...list.byPool].map(([pool, own]) => [pool?.id, own.times]) };
}

test('a list of recorded checkouts tells what they tell themselves, in the same order', async (t) => {
  const { timeline } = await analyse([directoryWith(t, TRACES)]);
  const list = checkoutsOf(timeline);
  t.is(list.length, 90);
  t.true(list.byPool.size === 3);
  t.deepEqual(told(list), told(listOf(timeline.checkouts)));
  t.true(timeline.checkouts.every((checkout, index) => checkout === list.at(index)), 'each is one object');
  const used = new Set(timeline.connections.slice(0, 2));
  t.deepEqual(list.onConnections(used), listOf(timeline.checkouts).onConnections(used));
});

test('the gaps in transactions are told from the columns as they are', async (t) => {
  const folder = directoryWith(t, {});
  const file = join(folder, 'service.ndjson');
  makeTrace(file, 2000);
  const list = checkoutsOf(buildTimeline([await readTrace(file)]));
  const found = { plain: 0, awaiting: 0, unwatched: 0 };
  for (const [index, checkout] of [...list].entries()) {
    const longestMs = list.longestPause(index);
    const gaps = checkout.transactions.flatMap((transaction) => transaction.gaps);
    if (gaps.some(({ unwatched }) => unwatched)) {
      found.unwatched += 1;
      t.is(longestMs, Number.NaN);
    }
    if (Number.isNaN(longestMs)) continue;
    const isAwaiting = gaps.some(({ waits }) => waits.length > 0);
    found[isAwaiting ? 'awaiting' : 'plain'] += 1;
    const exactMs = Math.max(0, ...gaps.map(({ ms, waits }) => ms - sum(waits.map((wait) => wait.ms))));
    if (isAwaiting) t.true(longestMs >= exactMs && longestMs < exactMs + 0.001, `${longestMs} of ${exactMs}`);
    else t.is(longestMs, exactMs);
    const seen: unknown[] = [];
    list.visitPauses(index, (before, after) => void seen.push([before.text, after?.text]));
    t.deepEqual(seen, gaps.map((gap) => [lastBefore(checkout.queries, gap)?.statement.text, firstAfter(checkout.queries, gap)?.statement.text]));
  }
  t.true(found.plain > 1000 && found.awaiting > 100 && found.unwatched > 5, JSON.stringify(found));
});

test('what was awaited in a transaction shortens its gap; where it cannot be told in which gap that was, only the gaps tell', async (t) => {
  const wait = (at: number, ms: number, kind: WaitKind = 'timer'): RawWait => ({ t: at, ms, kind, detail: '' });
  const seen = (at: number, ms: number, ...waits: RawWait[]): RawGap => ({ t: at, ms, waits });
  const cases: [name: string, gaps: RawGap[], longestMs: number][] = [
    ['nothing seen', [], 20],
    ['two waits', [seen(6, 20, wait(6, 5), wait(20, 6))], 9],
    ['of an unknown kind', [seen(6, 20, wait(6, 20, 'unknown'))], 20],
    ['one before it, too', [seen(0, 4, wait(0, 4)), seen(6, 20, wait(10, 16))], 4],
    ['longer than the gap, and both at once', [seen(6, 20, wait(0, 16), wait(12, 40))], 0],
    ['waits in the wrong order', [seen(6, 20, wait(20, 0), wait(6, 9))], 20],
    ['not watched', [{ ...seen(6, 20), unwatched: true }], Number.NaN],
    ['not watched, but after it', [{ ...seen(28, 12), unwatched: true }], 20],
    ['two in one gap', [seen(6, 10, wait(6, 10)), seen(16, 10, wait(16, 10))], Number.NaN],
    ['in the wrong order', [seen(6, 20, wait(6, 20)), seen(0, 4)], Number.NaN],
    ['begins in a statement', [seen(5, 21, wait(5, 21))], Number.NaN],
    ['ends in one', [seen(6, 21, wait(6, 21))], Number.NaN],
  ];
  const text = cases.map((_, index) => `checkout ${index + 1} pool 1 from ${index * 100} wait 0 use 40\n  4..6 sql BEGIN -> T\n  26..28 sql COMMIT`);
  const lines = traceOf(`pool 1 max 2\n${text.join('\n')}\nend 0 at 2000`);
  for (const [index, line] of lines.filter(({ type }) => type === 'checkout').entries()) Object.assign(line, { gaps: cases[index]?.[1] });
  const { timeline } = await analyse([directoryWith(t, { '1.ndjson': toNdjson(lines) })]);
  const list = checkoutsOf(timeline);
  for (const [index, [name, , longestMs]] of cases.entries()) t.is(Math.floor(list.longestPause(index) * 1000) / 1000, longestMs, name);
});

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

test('no report makes all checkouts of a recording', async (t) => {
  const directory = directoryWith(t, TRACES);
  const timeline = buildTimeline(await Promise.all(Object.keys(TRACES).map((name) => readTrace(join(directory, name)))));
  const refuse = { get: () => t.fail('all checkouts were asked for') };
  Object.defineProperty(timeline, 'checkouts', refuse);
  const context = openContext(timeline, DEFAULT_LIMITS);
  const findings = runRules(context);
  t.is(judge(timeline, findings, summarisePools(context)).verdict, 'findings');
  t.deepEqual(noteRun(timeline), []);
  const analysis = await analyse([directory]);
  Object.defineProperty(analysis.timeline, 'checkouts', refuse);
  for (const load of Object.values(renderers)) t.true((await load())(analysis, { color: false, width: 80 }).length >= 0);
});

test('rows are put in the order of their times, wherever they come from; those of one time stay as they are', (t) => {
  const random = randomFrom(5);
  for (const [parts, length, spread] of [[1, 500, 3], [2, 300, 3], [5, 100, 40], [3, 2000, 1e9], [7, 0, 1]] as const) {
    const starts = Array.from({ length: parts + 1 }, (_, part) => part * length);
    // Nearly in order, with times that occur twice.
    const times = Float64Array.from({ length: parts * length }, (_, index) => Math.floor((index % Math.max(1, length)) + random() * spread));
    const expected = [...times.keys()].toSorted((a, b) => (times[a] as number) - (times[b] as number) || a - b);
    t.deepEqual([...orderRows(times, starts)], expected, `${parts} × ${length}`);
  }
});
