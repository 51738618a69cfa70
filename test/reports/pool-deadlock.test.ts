import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding, describeFindings } from './support/describe.js';

const RULE = 'pool-deadlock';

/** Two flows in a pool of two, each of which asks for a second connection at 30 and 32 ms. `first`, `second`: what came of that. */
function flows(first: string, second: string, holders = ['', '']): string {
  return `pool 1 max 2 timeout 5000
    connection 1 connecting 0 connected 5
    connection 2 connecting 0 connected 5
    checkout 1 from 10 ${holders[0]} connection 1 at handler@/app/app.js:10
      1..2 sql BEGIN -> T at handler@/app/app.js:11
    checkout 2 from 10 ${holders[1]} connection 2 at handler@/app/app.js:10
      1..2 sql BEGIN -> T at handler@/app/app.js:11
    checkout 3 from 30 ${first} inside 1 via query at audit@/app/app.js:30 < handler@/app/app.js:12
    checkout 4 from 32 ${second} inside 2 via query at audit@/app/app.js:30 < handler@/app/app.js:12`;
}


test('two flows that hold all and want one more each, to the end of the trace', async (t) => {
  const text = `${flows('pending', 'pending')}
    checkout 5 from 40 pending at handler@/app/app.js:10
    alive 2000`;
  const analysis = await analyseText(t, text);
  const [finding, ...more] = findingsOf(analysis, RULE);
  t.deepEqual(more, []);
  t.is(finding && describeFinding(finding), 'error pool-deadlock app.js:30 audit 1 × 1968 ms');
  t.is(finding?.title, '2 flows hold all 2 connections of a pool and wait for one more at audit, 1 more request behind them: nobody could go on, for 1.97 s, until the recording ended');
  const facts = finding?.evidence.facts ?? {};
  t.deepEqual([facts['flows'], facts['behind'], facts['depth'], facts['smallestSafePool'], facts['endedBy']], [2, 1, 2, 4, 'the end of the trace']);
  const site = (line: number, name: string) => ({ file: 'app.js', line, column: 1, function: name });
  t.deepEqual(finding?.evidence.cycle, [{ flows: 2, heldPool: '100:1', heldAt: site(10, 'handler'), wantedPool: '100:1', wantedAt: site(30, 'audit') }]);
  t.deepEqual(analysis.report.episodes.map(({ cause }) => cause), ['deadlocked']);
  t.regex(finding?.advice ?? '', /the acquire timeout will put an end to it/);
  t.regex(analysis.report.summary, /^2 flows hold all 2 connections/);
  t.deepEqual(describeFindings(analysis).map((line) => line.split(' ')[1]), ['pool-deadlock', 'nested-checkout'], 'and nothing else: neither leaks, nor long transactions, nor a starved pool');
});

test('until requests time out', async (t) => {
  const text = `${flows('timeout 400', 'timeout 400', ['use 450', 'use 450'])}\nend 0 at 1000`;
  const [finding] = findingsOf(await analyseText(t, text), RULE);
  t.is(finding && describeFinding(finding), 'error pool-deadlock app.js:30 audit 1 × 398 ms');
  t.is(finding?.evidence.facts['endedBy'], 'a timeout');
  t.regex(finding?.title ?? '', /until requests timed out after 398 ms$/);
});

test('the clean twin: one holder goes on', async (t) => {
  const oneFree = flows('pending', 'pending').replace(/checkout 4 .*/, '').replace('1..2 sql BEGIN -> T at handler@/app/app.js:11\n    checkout 3', '1..2 sql BEGIN -> T\n 3.. running update t\n    checkout 3');
  t.deepEqual(findingsOf(await analyseText(t, `${oneFree}\nalive 2000`), RULE), []);
});

test('the clean twin: a holder lets go although its flow has a request', async (t) => {
  // The second flow did not wait for its request: it released, and so the first was served.
  const text = `${flows('wait 100 use 5', 'pending', ['use 200', 'use 120'])}\nalive 2000`;
  t.deepEqual(findingsOf(await analyseText(t, text), RULE), []);
});

test('the clean twin: a larger pool', async (t) => {
  const text = flows('pending', 'pending').replace('max 2', 'max 3');
  t.deepEqual(findingsOf(await analyseText(t, `${text}\nalive 2000`), RULE), []);
});

test('the clean twin: cut off at once, which may mean nothing', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, `${flows('pending', 'pending')}\nalive 60`), RULE), []);
});

test('one flow is enough for a pool of one', async (t) => {
  const text = `pool 1 max 1 timeout 5000
    connection 1 connecting 0 connected 5
    checkout 1 from 10 connection 1 at handler@/app/app.js:10
      1..2 sql select 1 at handler@/app/app.js:11
    checkout 2 from 30 pending inside 1 via query at audit@/app/app.js:30 < handler@/app/app.js:12
    alive 900`;
  const [finding] = findingsOf(await analyseText(t, text), RULE);
  t.is(finding?.title, 'One flow holds the only connection of a pool and waits for one more at audit: nobody could go on, for 870 ms, until the recording ended');
  t.is(finding?.evidence.facts['smallestSafePool'], 2);
});

test('over two pools', async (t) => {
  const text = `pool 1 max 1 timeout 5000\npool 2 max 1 timeout 5000
    checkout 1 pool 1 from 0 connection 1 at a@/app/app.js:1 < m@/app/m.js:1
    checkout 2 pool 2 from 0 connection 2 at b@/app/app.js:2 < m@/app/m.js:2
    checkout 3 pool 2 from 5 pending inside 1 via query at c@/app/app.js:3 < a@/app/app.js:11
    checkout 4 pool 1 from 6 pending inside 2 via query at d@/app/app.js:4 < b@/app/app.js:12
    alive 900`;
  const [finding, ...more] = findingsOf(await analyseText(t, text), RULE);
  t.deepEqual(more, []);
  t.deepEqual(finding?.evidence.cycle?.map(({ heldPool, heldAt, wantedPool, wantedAt }) => [heldPool, heldAt?.line, wantedPool, wantedAt?.line]).toSorted(), [
    ['100:1', 1, '100:2', 3],
    ['100:2', 2, '100:1', 4],
  ]);
  t.is(finding?.evidence.facts['smallestSafePool'], undefined);
});

test('holders that lost their connections are no circle', async (t) => {
  const lost = (id: number, from: number, inside: string): string => `checkout ${id} from ${from} ${inside} connection ${id} at leaky@/app/app.js:5 < main@/app/app.js:20
      1..2 sql select 1 at leaky@/app/app.js:6 < async main@/app/app.js:20`;
  const text = `pool 1 max 2 timeout 5000
    ${lost(1, 10, '')}
    ${lost(2, 20, 'inside 1')}
    checkout 3 from 30 pending inside 2 at leaky@/app/app.js:5 < main@/app/app.js:20
    alive 3000`;
  const analysis = await analyseText(t, text);
  t.deepEqual(findingsOf(analysis, RULE), []);
  t.is(findingsOf(analysis, 'connection-leak')[0]?.count, 2);
  t.is(analysis.report.episodes[0]?.cause, 'leaked');
});
