import test, { type ExecutionContext } from 'ava';
import { findKnee, search, waits } from '../../reports/sweep/search.js';
import { QUIET, stepOf, type Model } from './support.js';

interface Range {
  from?: number;
  to?: number;
  /** Sizes of pools that the search has heard of. */
  known?: number[];
}

/** Sweeps a service that is made of numbers; the order in which it was measured comes with the steps. */
async function sweepModel(t: ExecutionContext, model: Model, { from = 1, to = 64, known = [] }: Range = {}) {
  const order: number[] = [];
  const steps = await search({
    from,
    to,
    poolSizes: () => known,
    goesOn: () => true,
    async measure(concurrency) {
      order.push(concurrency);
      return stepOf(model, concurrency);
    },
  });
  t.is(new Set(order).size, order.length, 'nothing is measured twice');
  t.true(order.every((one) => one >= from && one <= to), order.join(' '));
  t.true(order.length <= 3 * Math.ceil(Math.log2(to)) + 2, `${order.length} steps`);
  t.deepEqual(steps.map(({ concurrency }) => concurrency), order.toSorted((a, b) => a - b));
  return { order, steps, firstWaitAt: steps.find(waits)?.concurrency ?? null, stopsAt: steps.find(({ stopped }) => stopped !== null)?.concurrency ?? null };
}

for (const pool of [1, 2, 3, 5, 7, 8, 10, 15, 16, 20, 31, 33, 50, 63]) {
  test(`a pool of ${pool}: the first request that waits is number ${pool + 1}`, async (t) => {
    t.is((await sweepModel(t, { pool })).firstWaitAt, pool + 1);
    const { firstWaitAt, order } = await sweepModel(t, { pool }, { known: [pool] });
    t.is(firstWaitAt, pool + 1);
    t.true(order.includes(pool), 'the full pool is measured, too');
  });
  test(`a pool of ${pool} at which the service freezes: number ${pool + 1}`, async (t) => {
    t.is((await sweepModel(t, { pool: Infinity, growsTo: pool, stopsAt: pool + 1 })).stopsAt, pool + 1);
  });
}

test('a pool that is never full: nothing waits, and it is measured to the end', async (t) => {
  const { firstWaitAt, steps } = await sweepModel(t, { pool: 64 });
  t.is(firstWaitAt, null);
  t.is(steps.at(-1)?.concurrency, 64);
});

test('it waits first and stops later: both are found', async (t) => {
  const { firstWaitAt, stopsAt } = await sweepModel(t, { pool: 10, growsTo: 64, stopsAt: 41 });
  t.deepEqual([firstWaitAt, stopsAt], [11, 41]);
});

test('the first at which requests fail is found, too', async (t) => {
  const { steps, firstWaitAt } = await sweepModel(t, { pool: 10, growsTo: 64, failsAt: 27 });
  t.deepEqual([firstWaitAt, steps.find(({ failed }) => failed > 0)?.concurrency], [11, 27]);
});

test('a range that begins in the middle', async (t) => {
  t.is((await sweepModel(t, { pool: 10 }, { from: 7, to: 12 })).firstWaitAt, 11);
  t.is((await sweepModel(t, { pool: 10 }, { from: 20, to: 30 })).firstWaitAt, 20, 'it began above');
});

test('once requests wait and throughput has stopped growing, higher is not tried for long', async (t) => {
  const { steps } = await sweepModel(t, { pool: 2 }, { to: 4096 });
  t.true((steps.at(-1)?.concurrency ?? 0) <= 16);
  const growing = await sweepModel(t, { pool: 2, growsTo: 5000 }, { to: 4096 });
  t.is(growing.steps.at(-1)?.concurrency, 4096);
});

test('a throughput that scatters does not end it before requests wait', async (t) => {
  const rates = new Map([[1, 150], [2, 351], [4, 303], [8, 312]]);
  const order: number[] = [];
  const measure = async (concurrency: number) => {
    order.push(concurrency);
    return { ...stepOf({ pool: 7, stopsAt: 10 }, concurrency), requestsPerSecond: rates.get(concurrency) ?? 340 };
  };
  const steps = await search({ from: 1, to: 64, poolSizes: () => [], goesOn: () => true, measure });
  t.is(steps.find(({ stopped }) => stopped !== null)?.concurrency, 10, order.join(' '));
});

test('it ends when it is told to', async (t) => {
  const order: number[] = [];
  await search({
    from: 1, to: 64, poolSizes: () => [],
    goesOn: ({ concurrency }) => concurrency < 4,
    measure: async (concurrency) => (order.push(concurrency), stepOf({ pool: 10 }, concurrency)),
  });
  t.deepEqual(order, [1, 2, 4]);
});

test('a request that came between an answer and the release is no starvation; a twentieth of them is', (t) => {
  t.false(waits({ ...QUIET, checkouts: 1000, waited: 3, waitMaxMs: 2 }));
  t.false(waits({ ...QUIET, checkouts: 5, waited: 1 }));
  t.true(waits({ ...QUIET, checkouts: 1000, waited: 50 }));
  t.true(waits({ ...QUIET, checkouts: 1000, waited: 1, unserved: 1 }), 'one that got none is');
});

test('the knee is the least concurrency that reaches the most; none while it grows', (t) => {
  const at = (rates: number[]): number | null => findKnee(rates.map((requestsPerSecond, index) => ({ ...QUIET, concurrency: 2 ** index, requestsPerSecond })));
  t.is(at([10, 20, 40, 41, 40.5]), 4);
  t.is(at([10, 20, 40, 80]), null);
  t.is(at([10, 20, 40, 20]), 4);
  t.is(at([0, 0]), null);
});
