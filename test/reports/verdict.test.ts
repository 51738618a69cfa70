import test from 'ava';
import type { Verdict } from '../../reports/model.js';
import { analyseText } from './support/analyse-text.js';

const CLEAN = `pool 1 max 2
  checkout 1 from 0 wait 3 use 10
    4..5 sql select 1
  end 0 at 100`;
const FAULTY = `pool 1 max 2
  checkout 1 from 0 use 10
    0..1 sql BEGIN -> T
    1..9 wait timer started f@/app/a.js:1
    9..10 sql COMMIT`;

interface Case {
  name: string;
  trace: string;
  verdict: Verdict;
  missing?: RegExp;
  summary: RegExp;
}

const CASES: Case[] = [
  { name: 'clean', trace: CLEAN, verdict: 'healthy', summary: /^Nothing to complain about: 1 checkout, none waited longer than 3 ms, and no transaction/ },
  { name: 'faulty', trace: FAULTY, verdict: 'findings', summary: /^A transaction stays open while f waits for a timer, once, 80 % of all connection time\.$/ },
  { name: 'faulty, and events were lost', trace: `${FAULTY}\nlost 3`, verdict: 'findings', missing: /3 events were lost/, summary: /waits for a timer/ },
  { name: 'nothing was recorded', trace: 'pool 1 max 2\nalive 500', verdict: 'inconclusive', missing: /no connection was asked for/, summary: /^Nothing was found, but not everything was seen: no connection was asked for/ },
  { name: 'events were lost', trace: `${CLEAN}\nlost 1204`, verdict: 'inconclusive', missing: /1,204 events were lost/, summary: /1,204 events were lost/ },
  { name: 'the probe failed', trace: `${CLEAN}\nproblem wrap pool: no such method`, verdict: 'inconclusive', missing: /the probe failed once \(wrap pool: no such method\)/, summary: /the probe failed/ },
  {
    name: 'the database was down',
    trace: 'pool 1 max 2\ncheckout 1 from 0 failed 4 error ECONNREFUSED\ncheckout 2 from 9 failed 4 error ECONNREFUSED',
    verdict: 'inconclusive',
    missing: /none of 2 requests got a connection \(ECONNREFUSED\)/,
    summary: /ECONNREFUSED/,
  },
  { name: 'no statement was seen', trace: 'pool 1 max 2\ncheckout 1 from 0 use 4', verdict: 'inconclusive', missing: /no statement was recorded/, summary: /no statement/ },
];

for (const { name, trace, verdict, missing, summary } of CASES) {
  test(name, async (t) => {
    const { report } = await analyseText(t, trace);
    t.is(report.verdict, verdict);
    t.regex(report.summary, summary);
    if (missing === undefined) t.deepEqual(report.missing, []);
    else t.regex(report.missing.join('\n'), missing);
  });
}

test('a starved pool is a part of the sentence', async (t) => {
  const { report } = await analyseText(
    t,
    `pool 1 max 1
    connection 1 connecting 0 connected 1
    checkout 1 from 1 use 300
      0..1 sql BEGIN -> T
      1..299 wait timer "300 ms" started f@/app/a.js:1
      299..300 sql COMMIT
    checkout 2 from 10 wait 291 use 1 connection 1`,
  );
  t.regex(report.summary, /^A transaction stays open while f waits for a timer \(300 ms\), once, 99 % of all connection time; 1 request waited up to 291 ms for a connection\.$/);
});

test('a pool that is busy with SQL is no fault, and its queue is told of all the same', async (t) => {
  const { report } = await analyseText(
    t,
    `pool 1 max 1
    connection 1 connecting 0 connected 1
    checkout 1 from 1 use 300
      0..300 sql select pg_sleep(?)
    checkout 2 from 10 wait 291 use 1 connection 1
      291..292 sql select 1`,
  );
  t.is(report.verdict, 'healthy');
  t.regex(report.summary, /^No fault in 2 checkouts: no transaction waited for anything but its database\. Yet 1 request waited up to 291 ms for the pool's only connection; .*running select pg_sleep/);
});
