import test from 'ava';
import { openDemandLog, type DemandLog } from '../../reports/sweep/demand.js';
import { traceOf } from '../reports/support/trace-text.js';

/** A log of these traces, which all start at 1000. */
function logOf(...texts: string[]): DemandLog {
  const log = openDemandLog();
  for (const [index, text] of texts.entries()) for (const line of traceOf(text)) log.add(`trace ${index}`, 1000, line);
  return log;
}

const FULL = `
  pool 1 max 2
  checkout 1 pool 1 from 0 wait 0.1 use 100
  checkout 2 pool 1 from 10 wait 0.1 use 100`;

test('a request that finds the pool taken waited, however short', (t) => {
  const log = logOf(`${FULL}\n  checkout 3 pool 1 from 99.75 wait 0.5 use 5`);
  t.deepEqual(log.between(1000, 2000), { checkouts: 3, waited: 1, waitP99Ms: 0.5, waitMaxMs: 0.5, unserved: 0, demandMax: 3, exhausted: false });
});

test('one that came right after the release did not, however long it took', (t) => {
  const log = logOf(`${FULL}\n  checkout 3 pool 1 from 100.2 wait 50 use 5`);
  t.is(log.between(1000, 2000).waited, 0);
});

test('a pool that is opening connections is not taken', (t) => {
  const log = logOf(`pool 1 max 2\n  checkout 1 pool 1 from 0 wait 80 use 10\n  checkout 2 pool 1 from 1 wait 90 use 10`);
  t.is(log.between(1000, 2000).waited, 0);
});

test('at the end, a connection that is being opened for somebody is taken, too', (t) => {
  const text = (second: string): string => `pool 1 max 2\n  checkout 1 pool 1 from 0 wait 0.1 open${second}`;
  t.true(logOf(text('\n  checkout 2 pool 1 from 10 pending')).between(1000, 1500).exhausted);
  t.false(logOf(text('')).between(1000, 1500).exhausted);
});

test('those that were turned away or still wait are told apart', (t) => {
  const log = logOf(`
    pool 1 max 1
    checkout 1 pool 1 from 0 wait 0 open
    checkout 2 pool 1 from 10 timeout 50`);
  t.deepEqual(log.between(1000, 1500), { checkouts: 2, waited: 1, waitP99Ms: 50, waitMaxMs: 50, unserved: 1, demandMax: 2, exhausted: true });
  t.is(log.underWay(), 1);
  log.closeAll();
  t.is(log.underWay(), 0);
  t.is(log.between(1500, 1600).checkouts, 0);
});

test('each process has its own pool, and its own ids', (t) => {
  const one = `pool 1 max 1\n  checkout 1 pool 1 from 0 wait 0 use 100`;
  t.is(logOf(one, one).between(1000, 2000).waited, 0);
  t.is(logOf(`${one}\n  checkout 2 pool 1 from 5 wait 95 use 100`, one).between(1000, 2000).waited, 1);
  t.deepEqual(logOf(one, 'pool 1 max 7').poolSizes(), [1], 'of the pools that were used');
});

test('only what was asked for in the time counts, but what was held before it is held', (t) => {
  const log = logOf(`${FULL}\n  checkout 3 pool 1 from 60 wait 40 use 5`);
  t.deepEqual(log.between(1050, 1070), { checkouts: 1, waited: 1, waitP99Ms: 40, waitMaxMs: 40, unserved: 0, demandMax: 3, exhausted: true });
});

test('a client without a pool takes nobody’s connection', (t) => {
  const log = openDemandLog();
  log.add('a', 0, { type: 'checkout', id: 1, t: 0, pool: 0, via: 'client', connection: 1, waitMs: 5 });
  t.is(log.underWay(), 0);
});
