import test from 'ava';
import { timelineOf } from './support/analyse-text.js';
import { describeCheckout } from './support/describe.js';

interface Case {
  name: string;
  trace: string;
  /** Transactions with the status they were left in, then gaps. */
  is: string[];
}

const CASES: Case[] = [
  {
    name: 'statements without a transaction',
    trace: `checkout 1 from 0 use 10
      2..4 sql select 1
      6..7 sql select 2`,
    is: ['gap 0..2', 'gap 4..6', 'gap 7..10'],
  },
  {
    name: 'a transaction from the start of its BEGIN to the end of its COMMIT',
    trace: `checkout 1 from 0 use 20
      1..2 sql BEGIN -> T
      3..5 sql select 1 -> T
      8..9 sql COMMIT`,
    is: ['I 1..9 BEGIN, select 1, COMMIT', 'gap 0..1', 'gap 2..3 in transaction', 'gap 5..8 in transaction', 'gap 9..20'],
  },
  {
    name: 'two transactions of one checkout, the second one failed',
    trace: `checkout 1 from 0 use 20
      0..2 sql BEGIN -> T
      2..4 sql COMMIT
      6..7 sql BEGIN -> T
      7..9 sql select nonsense -> E !42703
      10..12 sql ROLLBACK
      14..15 sql select 1`,
    is: ['I 0..4 BEGIN, COMMIT', 'I 6..12 BEGIN, select nonsense, ROLLBACK', 'gap 4..6', 'gap 9..10 in transaction', 'gap 12..14', 'gap 15..20'],
  },
  {
    name: 'a transaction that a function began, left open at the release',
    trace: `checkout 1 from 0 use 20
      1..2 sql call begin_work() -> T
      3..4 sql update t set a = ? -> E !23505`,
    is: ['E 1..20 call begin_work(), update t set a = ?', 'gap 0..1', 'gap 2..3 in transaction', 'gap 4..20 in transaction'],
  },
  {
    name: 'a whole transaction in one statement is none',
    trace: `checkout 1 from 0 use 5
      0..5 sql begin; insert into t values (?); commit`,
    is: [],
  },
  {
    name: 'several statements in flight',
    trace: `checkout 1 from 0 use 20
      0..4 sql BEGIN -> T
      1..6 sql select 1 -> T
      1..9 sql select 2 -> T
      12..13 sql COMMIT`,
    is: ['I 0..13 BEGIN, select 1, select 2, COMMIT', 'gap 9..12 in transaction', 'gap 13..20'],
  },
  {
    name: 'two transactions in one pipeline do not overlap',
    trace: `checkout 1 from 0 use 10
      0..2 sql BEGIN -> T
      0..4 sql COMMIT
      0..6 sql BEGIN -> T
      0..8 sql COMMIT`,
    is: ['I 0..4 BEGIN, COMMIT', 'I 4..8 BEGIN, COMMIT', 'gap 8..10'],
  },
  {
    name: 'still open at the end of the trace, with a statement running',
    trace: `checkout 1 from 0 wait 5
      6..7 sql BEGIN -> T
      9.. running update t set a = ?
    alive 50`,
    is: ['T 6..50 BEGIN, update t set a = ?', 'gap 5..6', 'gap 7..9 in transaction'],
  },
  {
    name: 'still open at the end of the trace, idle',
    trace: `checkout 1 from 0
      0..1 sql BEGIN -> T
    alive 30`,
    is: ['T 0..30 BEGIN', 'gap 1..30 in transaction open'],
  },
  {
    name: 'waits are put into their gaps, and cut to them',
    trace: `checkout 1 from 10 use 30
      1..2 sql BEGIN -> T
      2..8 wait timer "5 ms" started f@/app/a.js:3
      8..10 wait http "GET x" started f@/app/a.js:4
      10..11 sql select 1 -> T
      10.9..15 wait file started f@/app/a.js:5
      20..21 sql COMMIT
      21..24 wait dns`,
    is: [
      'I 11..31 BEGIN, select 1, COMMIT',
      'gap 10..11',
      'gap 12..20 in transaction: timer 12..18, http 18..20',
      'gap 21..30 in transaction: file 21..25',
      'gap 31..40: dns 31..34',
    ],
  },
  {
    name: 'what an open gap waited for when it was written last, it goes on waiting for',
    trace: `checkout 1 from 0
      0..1 sql BEGIN -> T
      1..201 gap open
      2..201 wait http "GET x" started f@/app/a.js:3
    alive 900`,
    is: ['T 0..900 BEGIN', 'gap 1..900 in transaction open: http 2..900'],
  },
  {
    name: 'a timer only as long as it runs',
    trace: `checkout 1 from 0
      0..1 sql BEGIN -> T
      1..201 gap open
      2..201 wait timer "500 ms" started f@/app/a.js:3
    alive 900`,
    is: ['T 0..900 BEGIN', 'gap 1..900 in transaction open: timer 2..502'],
  },
  {
    name: 'an open gap in which another connection was asked for waits for that one',
    trace: `checkout 1 from 0 at f@/app/a.js:1
      0..1 sql BEGIN -> T at f@/app/a.js:2
      1..201 gap open
      1.5..201 wait promise started f@/app/a.js:3
    checkout 2 from 2 pending inside 1 at g@/app/a.js:9 < f@/app/a.js:3
    alive 900`,
    is: ['T 0..900 BEGIN', 'gap 1..900 in transaction open: checkout 2..900'],
  },
  {
    name: 'not so when the last thing that was begun in it is something else',
    trace: `checkout 1 from 0 at f@/app/a.js:1
      0..1 sql BEGIN -> T at f@/app/a.js:2
      1..201 gap open
      3..201 wait http "GET x" started h@/app/a.js:20 < f@/app/a.js:4
    checkout 2 from 2 pending inside 1 at g@/app/a.js:9 < f@/app/a.js:3
    alive 900`,
    is: ['T 0..900 BEGIN', 'gap 1..900 in transaction open: http 3..900'],
  },
  {
    name: 'a request that timed out',
    trace: 'checkout 1 from 0 timeout 50',
    is: [],
  },
];

for (const { name, trace, is } of CASES) {
  test(name, async (t) => {
    t.deepEqual(describeCheckout(await timelineOf(t, `pool 1 max 2\n${trace}`)), is);
  });
}

test('the traces of several processes share one clock and keep their own ids', async (t) => {
  const first = `process 100 started 500
    pool 1 max 2
    checkout 1 from 10 use 5
    end 0 at 100`;
  const second = `process 101 started 0
    pool 1 max 3
    checkout 1 from 20 use 5
    blocked 1..30`;
  const thread = `process 100 thread 2 started 600
    pool 1 max 4
    checkout 1 from 0 use 5`;
  const same = `process 100 started 700
    checkout 1 pool 0 from 0 use 5`;
  const timeline = await timelineOf(t, [first, second, thread, same]);
  t.deepEqual(timeline.recordings.map(({ key, startMs, endMs, complete }) => [key, startMs, endMs, complete]), [
    ['101', 0, 30, false],
    ['100', 500, 600, true],
    ['100.2', 600, 605, false],
    ['100#2', 700, 705, false],
  ]);
  t.deepEqual(timeline.checkouts.map(({ id, requestedMs, pool }) => [id, requestedMs, pool?.max ?? null]), [
    ['101:1', 20, 3],
    ['100:1', 510, 2],
    ['100.2:1', 600, 4],
    ['100#2:1', 700, null],
  ]);
  t.is(timeline.endMs, 705);
});

test('a nested checkout knows the one that its flow already held, whichever ended first', async (t) => {
  const { checkouts } = await timelineOf(t, `pool 1 max 2
    checkout 2 from 5 use 1 inside 1
    checkout 1 from 0 use 20`);
  t.is(checkouts.find(({ id }) => id === '100:2')?.inside?.id, '100:1');
});

test('a transaction that was found open on the connection is marked, one that was begun is not', async (t) => {
  const { checkouts } = await timelineOf(t, `pool 1 max 1
    connection 1 connecting 0 connected 0
    checkout 1 from 0 use 5 connection 1
      0..1 sql BEGIN -> T
    checkout 2 from 10 use 5 connection 1
      0..1 sql select 1 -> T
    checkout 3 from 20 use 5 connection 1
      0..1 sql begin -> T
      1..2 sql commit
    checkout 4 from 30 use 5 connection 1
      0..1 sql begin -> T
      1..2 sql commit`);
  t.deepEqual(checkouts.map(({ transactions }) => transactions.map(({ inherited }) => inherited === true)), [[false], [true], [false], [false]]);
});

test('a connection goes through its states', async (t) => {
  const { connections } = await timelineOf(t, `pool 1 max 2
    connection 1 connecting 1 connected 4 closed 9
    connection 2 connecting 2 failed 3`);
  t.deepEqual(connections.map(({ connectingMs, connectedMs, closedMs }) => [connectingMs, connectedMs, closedMs]), [[1, 4, 9], [2, null, 3]]);
});

test('a block whose end nobody saw lasted to the end of its trace; one that ended did not', async (t) => {
  const blocksOf = async (text: string): Promise<number[]> => (await timelineOf(t, text)).recordings.flatMap(({ blocked }) => blocked.map(({ ms }) => ms));
  t.deepEqual(await blocksOf('open 100..1200 at f@/app/a.js:3\nalive 1900'), [1800]);
  t.deepEqual(await blocksOf('blocked 100..1200 at f@/app/a.js:3\nalive 1900'), [1100]);
  t.deepEqual(await blocksOf('open 100..1200 at f@/app/a.js:3\nblocked 100..1250\nalive 1900'), [1150]);
});
