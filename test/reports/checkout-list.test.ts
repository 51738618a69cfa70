import { join } from 'node:path';
import test from 'ava';
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
  let plain = 0;
  for (const [index, checkout] of [...list].entries()) {
    const longestMs = list.longestPause(index);
    if (Number.isNaN(longestMs)) continue;
    plain += 1;
    const gaps = checkout.transactions.flatMap((transaction) => transaction.gaps);
    t.is(longestMs, Math.max(0, ...gaps.map(({ ms }) => ms)));
    const seen: unknown[] = [];
    list.visitPauses(index, (before, after) => void seen.push([before.text, after?.text]));
    t.deepEqual(seen, gaps.map((gap) => [lastBefore(checkout.queries, gap)?.statement.text, firstAfter(checkout.queries, gap)?.statement.text]));
  }
  t.true(plain > 1000 && plain < 2000, `${plain}`);
});

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
  for (const render of Object.values(renderers)) t.true(render(analysis, { color: false, width: 80 }).length >= 0);
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
