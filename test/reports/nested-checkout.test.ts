import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding, describeFindings } from './support/describe.js';

const RULE = 'nested-checkout';

/** A handler in whose transaction a helper asks for a connection of its own. `waits` is what the handler waited for. */
function nested(waits: string, inner = 'via query at audit@/app/app.js:30 < handler@/app/app.js:13', pools = 'pool 1 max 4 timeout 5000'): string {
  return `${pools}
    checkout 1 from 0 use 100 at handler@/app/app.js:10
      1..2 sql BEGIN -> T at handler@/app/app.js:11
      2..3 sql select 1 -> T at handler@/app/app.js:12
      ${waits}
      50..51 sql COMMIT at handler@/app/app.js:14
    checkout 2 from 4 use 40 inside 1 ${inner}
      0..40 sql insert into audit values ($1)
    end 0 at 200`;
}

const WAITED = '4..44 wait query started audit@/app/app.js:30 < handler@/app/app.js:13';

test('a flow that waits for a second connection of its pool: one finding, at the line that asks', async (t) => {
  const analysis = await analyseText(t, nested(WAITED));
  t.deepEqual(describeFindings(analysis), ['error nested-checkout app.js:30 audit 1 × 40 ms']);
  const [finding] = analysis.report.findings;
  t.is(finding?.title, 'audit asks for a second connection while its flow holds one (from handler at app.js:10), once; 4 such flows at once stop a pool of 4 for good');
  t.deepEqual(finding?.frames.map(({ line }) => line), [30, 13]);
  const facts = finding?.evidence.facts ?? {};
  t.is(facts['heldFrom'], 'handler at app.js:10');
  t.is(facts['depth'], 2);
  t.is(facts['deadlockFromFlows'], 4);
  t.is(facts['smallestSafePool'], 2);
  t.is(facts['inTransaction'], true);
});

test('the clean twin: begun in the flow, and not waited for', async (t) => {
  t.deepEqual(describeFindings(await analyseText(t, nested(''))), []);
  // Even where the flow waits for something else meanwhile.
  const other = await analyseText(t, nested('4..44 wait query started load@/app/app.js:77 < handler@/app/app.js:13'));
  t.deepEqual(findingsOf(other, RULE), []);
});

test('the other clean twin: after the first connection was given back', async (t) => {
  const analysis = await analyseText(t, `pool 1 max 4
    checkout 1 from 0 use 100 at handler@/app/app.js:10
      1..2 sql select 1
    checkout 2 from 100 use 40 via query at audit@/app/app.js:30
      0..40 sql insert into audit values ($1)
    end 0 at 200`);
  t.deepEqual(describeFindings(analysis), []);
});

test('what else is awaited in the transaction keeps its own finding', async (t) => {
  const text = nested(`${WAITED}\n44..49 wait http "GET x" started handler@/app/app.js:13`);
  t.deepEqual(describeFindings(await analyseText(t, text)), ['error nested-checkout app.js:30 audit 1 × 40 ms', 'error await-in-transaction app.js:13 handler 1 × 5 ms']);
});

test('all that is done with the second connection belongs to it', async (t) => {
  const text = nested(
    `4..4.1 wait checkout started audit@/app/app.js:30 < handler@/app/app.js:13
      4.1..44 wait query "BEGIN" started audit@/app/app.js:31 < handler@/app/app.js:13`,
    'at audit@/app/app.js:30 < handler@/app/app.js:13',
  );
  t.deepEqual(describeFindings(await analyseText(t, text)), ['error nested-checkout app.js:30 audit 1 × 40 ms']);
});

test('three deep: the safe size grows with it', async (t) => {
  const text = `pool 1 max 4 timeout 5000
    checkout 1 from 0 use 100 at a@/app/app.js:1
      1..90 wait query started b@/app/app.js:2
    checkout 2 from 1 use 89 inside 1 at b@/app/app.js:2 < a@/app/app.js:8
      1..80 wait query started c@/app/app.js:3
    checkout 3 from 2 use 79 inside 2 via query at c@/app/app.js:3 < b@/app/app.js:9
      0..79 sql select 1`;
  const findings = findingsOf(await analyseText(t, text), RULE);
  const deepest = findings.find(({ callSite }) => callSite?.line === 3);
  t.deepEqual([deepest?.evidence.facts['depth'], deepest?.evidence.facts['deadlockFromFlows'], deepest?.evidence.facts['smallestSafePool']], [3, 2, 3]);
  t.regex(deepest?.title ?? '', /asks for one more connection while its flow holds 2 /);
});

test('flows at once are counted', async (t) => {
  const flow = (id: number): string => `checkout ${id} from ${id} use 100 at handler@/app/app.js:10
      2..40 wait query started audit@/app/app.js:30
    checkout ${id + 10} from ${id + 2} use 38 inside ${id} via query at audit@/app/app.js:30
      0..38 sql select 1`;
  const [finding] = findingsOf(await analyseText(t, `pool 1 max 9\n${flow(1)}\n${flow(2)}\n${flow(3)}`), RULE);
  t.is(finding?.count, 3);
  t.is(finding?.evidence.facts['flowsAtOnce'], 3);
  t.is(finding?.evidence.facts['smallestSafePool'], 4);
});

test('another pool cannot stop this one alone: a warning in a transaction beside its await, else a note', async (t) => {
  const pools = 'pool 1 max 4 timeout 5000\npool 2 max 4 timeout 5000';
  const inner = 'pool 2 via query at audit@/app/app.js:30 < handler@/app/app.js:13';
  t.deepEqual(describeFindings(await analyseText(t, nested(WAITED, inner, pools))), [
    'error await-in-transaction app.js:30 audit 1 × 40 ms',
    'warning nested-checkout app.js:30 audit 1 × 40 ms',
  ]);
  const outside = nested(WAITED, inner, pools).replaceAll(' -> T', '');
  t.deepEqual(describeFindings(await analyseText(t, outside)), ['note nested-checkout app.js:30 audit 1 × 40 ms']);
});

test('two pools whose flows ask each other are as bad as one', async (t) => {
  const text = `pool 1 max 4\npool 2 max 4
    checkout 1 pool 1 from 0 use 100 at a@/app/app.js:1
      1..40 wait query started b@/app/app.js:2
    checkout 2 pool 2 from 1 use 39 inside 1 via query at b@/app/app.js:2
    checkout 3 pool 2 from 200 use 100 at c@/app/app.js:3
      1..40 wait query started d@/app/app.js:4
    checkout 4 pool 1 from 201 use 39 inside 3 via query at d@/app/app.js:4`;
  t.deepEqual(findingsOf(await analyseText(t, text), RULE).map(describeFinding), ['error nested-checkout app.js:2 b 1 × 39 ms', 'error nested-checkout app.js:4 d 1 × 39 ms']);
});

test('one flow at a time by a lock, and a cursor with writes beside it, are less; notifications are nothing', async (t) => {
  const outer = (sql: string, rest = ''): string => `pool 1 max 4
    checkout 1 from 0 use 200 at migrate@/app/app.js:1
      ${sql}
      10..50 wait query started step@/app/app.js:2
      ${rest}
    checkout 2 from 10 use 40 inside 1 via query at step@/app/app.js:2`;
  const severity = async (text: string): Promise<string[]> => findingsOf(await analyseText(t, text), RULE).map((finding) => finding.severity);
  t.deepEqual(await severity(outer('1..2 sql select pg_advisory_lock(?)', '60..61 sql select pg_advisory_unlock(?)')), ['note']);
  t.deepEqual(await severity(outer('1..2 sql select pg_advisory_lock(?)\n3..4 sql select pg_advisory_unlock(?)')), ['error']);
  t.deepEqual(await severity(outer('1..2 sql select * from big', '60..61 sql select * from big queued 59')), ['warning']);
  t.deepEqual(await severity(outer('1..2 sql listen jobs')), []);
});

test('a request in vain is waited for too, though nothing says so', async (t) => {
  const text = nested('3..50 gap ended handler@/app/app.js:14', 'timeout 40 via query at audit@/app/app.js:30 < handler@/app/app.js:13').replace('use 40 inside 1 timeout 40', 'timeout 40 inside 1').replace('0..40 sql insert into audit values ($1)', '');
  const analysis = await analyseText(t, text);
  t.deepEqual(findingsOf(analysis, RULE).map(describeFinding), ['error nested-checkout app.js:30 audit 1 × 40 ms']);
  t.deepEqual(findingsOf(analysis, 'idle-in-transaction'), []);
  const [outer] = analysis.timeline.checkouts;
  t.deepEqual(outer?.gaps.flatMap(({ waits }) => waits.map(({ kind, ms }) => [kind, ms])), [['checkout', 40]]);
});

test('a lost connection is held by nobody, whatever its flow does next', async (t) => {
  const text = `pool 1 max 4
    checkout 1 from 0 at leaky@/app/app.js:5 < main@/app/app.js:20
      1..2 sql select 1 at leaky@/app/app.js:6 < main@/app/app.js:20
      2..200 wait query started load@/app/app.js:9 < main@/app/app.js:21
      2..200 gap open
    checkout 2 from 2 use 198 inside 1 via query at load@/app/app.js:9 < main@/app/app.js:21
    end 0 at 900`;
  const analysis = await analyseText(t, text);
  t.deepEqual(findingsOf(analysis, RULE), []);
  t.is(findingsOf(analysis, 'connection-leak').length, 1);
});

/** An ORM took the connection while `rename` awaited it, and `inner` asks for one more at the end. */
const throughLibrary = (inner: string): string => `pool 1 max 4
    checkout 1 from 0 at rename@/app/app.js:14 < main@/app/app.js:25
      1..2 sql BEGIN -> T at rename@/app/app.js:14 < main@/app/app.js:25
      2..3 sql select 1 -> T at work@/app/app.js:15 < rename@/app/app.js:14 < main@/app/app.js:25
      3..900 wait checkout started ${inner}
      3..900 gap open
    checkout 2 from 3 pending inside 1 at ${inner}
    end 0 at 900`;

test('who awaits a library that calls back holds the connection at the place of its request', async (t) => {
  const analysis = await analyseText(t, throughLibrary('work@/app/app.js:16 < rename@/app/app.js:14 < main@/app/app.js:25'));
  t.deepEqual(describeFindings(analysis).filter((line) => !line.startsWith('note')), ['error nested-checkout app.js:16 work 1 × 897 ms']);
});

test('the clean twin: called anew, it asks for a connection as it did before, which is lost', async (t) => {
  const analysis = await analyseText(t, throughLibrary('rename@/app/app.js:14 < main@/app/app.js:26'));
  t.deepEqual(findingsOf(analysis, RULE), []);
  t.is(findingsOf(analysis, 'connection-leak').length, 1);
});

test('where the request shows only a library, the place is where it was waited for', async (t) => {
  const text = nested('4..44 wait query started lazy@/app/node_modules/orm/lazy.js:3 awaited count@/app/app.js:40', 'via query at run@/app/node_modules/orm/run.js:7');
  const [finding] = findingsOf(await analyseText(t, text), RULE);
  t.is(finding?.callSite?.line, 40);
  t.is(finding?.via?.package, 'orm');
});
