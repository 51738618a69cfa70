import test from 'ava';
import { summarisePools, percentiles } from '../../reports/summarise-pools.js';
import { DEFAULT_LIMITS } from '../../reports/limits.js';
import type { Pool, Timeline } from '../../reports/model.js';
import { openContext } from '../../reports/rules/context.js';
import { poolSeries, resampleSeries } from '../../reports/timeline/pool-series.js';
import { timelineOf } from './support/analyse-text.js';

const TRACE = `pool 1 max 2
  connection 1 connecting 0 connected 5
  connection 2 connecting 2 connected 8 closed 60
  checkout 1 from 0 wait 5 use 20 connection 1
  checkout 2 from 2 wait 6 use 42 connection 2
  checkout 3 from 10 wait 15 use 5 connection 1
  checkout 4 from 12 timeout 8
  checkout 5 from 40 wait 0.2 use 10 connection 1
  end 0 at 100`;

function firstPool({ pools }: Timeline): Pool {
  const [pool] = pools;
  if (pool === undefined) throw new Error('the trace has no pool');
  return pool;
}

test('every change of used, idle and pending, at its time', async (t) => {
  const timeline = await timelineOf(t, TRACE);
  const { atMs, used, idle, pending, connecting } = poolSeries(timeline, firstPool(timeline));
  const steps = [...atMs].map((ms, index) => [ms, used[index], idle[index], pending[index], connecting[index]]);
  t.deepEqual(steps, [
    [0, 0, 0, 1, 1],
    [2, 0, 0, 2, 2],
    [5, 1, 0, 1, 1],
    [8, 2, 0, 0, 0],
    [10, 2, 0, 1, 0],
    [12, 2, 0, 2, 0],
    [20, 2, 0, 1, 0],
    [25, 2, 0, 0, 0],
    [30, 1, 1, 0, 0],
    // Checkout 5 got an idle connection at once: it was never pending.
    [40.2, 2, 0, 0, 0],
    [50, 1, 1, 0, 0],
    [50.2, 0, 2, 0, 0],
    [60, 0, 1, 0, 0],
  ]);
});

test('sampling keeps the extremes', async (t) => {
  const timeline = await timelineOf(t, TRACE);
  const series = poolSeries(timeline, firstPool(timeline));
  const whole = resampleSeries(series, 1, 0, 100);
  t.deepEqual([whole.used.min[0], whole.used.max[0], whole.pending.max[0]], [0, 2, 2]);
  const { used, idle, pending } = resampleSeries(series, 4, 20, 60);
  t.deepEqual([...used.min], [2, 1, 1, 0]);
  t.deepEqual([...used.max], [2, 1, 2, 1]);
  t.deepEqual([...pending.max], [1, 0, 0, 0]);
  t.deepEqual([...idle.max], [0, 1, 1, 2]);
  t.deepEqual([...resampleSeries(series, 3, 90, 99).idle.min], [1, 1, 1], 'after the last step it stays');
});

test('a pool in numbers', async (t) => {
  const context = openContext(await timelineOf(t, TRACE), DEFAULT_LIMITS);
  const [summary] = summarisePools(context);
  t.is(summary?.checkouts, 5);
  t.is(summary?.pendingMax, 2);
  t.is(summary?.exhaustedMs, 30 - 8 + (50 - 40.2));
  t.deepEqual(summary?.wait, { p50Ms: 6, p90Ms: 15, p99Ms: 15, maxMs: 15 });
  t.deepEqual(summary?.use, { p50Ms: 10, p90Ms: 42, p99Ms: 42, maxMs: 42 });
});

test('percentiles are exact', (t) => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  t.deepEqual(percentiles(hundred), { p50Ms: 50, p90Ms: 90, p99Ms: 99, maxMs: 100 });
  t.deepEqual(percentiles([7]), { p50Ms: 7, p90Ms: 7, p99Ms: 7, maxMs: 7 });
  t.deepEqual(percentiles([]), { p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0 });
});
