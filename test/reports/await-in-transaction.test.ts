import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding } from './support/describe.js';

const RULE = 'await-in-transaction';

/** Ten transactions of a handler; `between` is what happens between their statements, `after` after the COMMIT. */
function transactions(between: string, after = ''): string {
  let text = 'pool 1 max 2\n';
  for (let id = 1; id <= 10; id += 1) {
    text += `checkout ${id} from ${id * 200} wait 0 use 120 at handler@/app/app.js:20
      1..2 sql BEGIN -> T
      2..4 sql select now() -> T
      ${between}
      110..112 sql COMMIT
      ${after}
    `;
  }
  return `${text}\nend 0 at 3000`;
}

const SLEEP = '4..104 wait timer "100 ms" started renderInvoice@/app/app.js:12:9 < async handler@/app/app.js:22:3';

test('an await in an open transaction is found, at its own line', async (t) => {
  const analysis = await analyseText(t, transactions(SLEEP));
  const [finding, ...more] = analysis.report.findings;
  t.deepEqual(more, []);
  t.is(finding?.title, 'A transaction stays open while renderInvoice waits for a timer (100 ms), 10 times, 83 % of all connection time');
  t.is(finding?.severity, 'error');
  t.deepEqual(finding?.callSite, { file: 'app.js', line: 12, column: 9, function: 'renderInvoice' });
  t.deepEqual(finding?.frames.map(({ function: name, line }) => `${name}:${line}`), ['renderInvoice:12', 'handler:22']);
  t.is(finding?.count, 10);
  t.is(finding?.totalMs, 1000);
  t.deepEqual(finding?.evidence.statements, ['select now()', 'COMMIT']);
  t.is(finding?.evidence.examples.length, 10);
  t.deepEqual(finding?.evidence.decomposition, { holdMs: 1200, sqlMs: 50, awaitMs: 1000, blockedMs: 0, idleMs: 150 });
  t.regex(finding?.advice ?? '', /Move a timer \(100 ms\) out of the transaction/);
  t.is(analysis.report.verdict, 'findings');
});

test('the clean twin: the same wait after the transaction, on the same connection', async (t) => {
  const late = SLEEP.replace('4..104', '112..119');
  const { report } = await analyseText(t, transactions('4..110 sql select pg_sleep(?) -> T', late));
  t.deepEqual(report.findings.map(describeFinding), []);
  t.is(report.verdict, 'healthy');
});

test('waits outside of transactions, and waits of connections without one, are none', async (t) => {
  const analysis = await analyseText(
    t,
    `pool 1 max 2
    checkout 1 from 0 use 300
      0..100 wait http "GET x" started f@/app/a.js:1
      100..101 sql select 1
      101..200 wait http "GET x" started f@/app/a.js:2
      200..201 sql begin; select 1; commit
      201..299 wait timer started f@/app/a.js:3`,
  );
  t.deepEqual(findingsOf(analysis, RULE), []);
});

test('a slow statement is no await', async (t) => {
  const analysis = await analyseText(t, transactions('4..109 sql select pg_sleep(?) -> T'));
  t.deepEqual(analysis.report.findings, []);
});

test('however short, and in a failed transaction, and with no end', async (t) => {
  const analysis = await analyseText(
    t,
    `checkout 1 pool 0 from 0 use 10
      0..1 sql BEGIN -> T
      1.1..1.2 wait file "/etc/hosts" started a@/app/a.js:1
      2..3 sql select nonsense -> E !42703
      3..4 wait file started b@/app/a.js:2
      4..5 sql ROLLBACK
    checkout 2 pool 0 from 0
      0..1 sql BEGIN -> T
      1..500 wait http "GET x" started c@/app/a.js:3`,
  );
  t.deepEqual(findingsOf(analysis, RULE).map(describeFinding), [
    'error await-in-transaction a.js:3 c 1 × 499 ms',
    'error await-in-transaction a.js:2 b 1 × 1 ms',
    'error await-in-transaction a.js:1 a 1 × 0 ms',
  ]);
});

test('one line is one finding, whatever was awaited there and whichever statements it is between', async (t) => {
  const analysis = await analyseText(
    t,
    `checkout 1 pool 0 from 0 use 100
      0..1 sql BEGIN -> T
      1..10 wait http "GET x/1" started load@/app/a.js:5:10 < handler@/app/a.js:9
      10..11 sql insert into t values ($1) -> T
      11..20 wait http "GET x/2" started load@/app/a.js:5:40 < other@/app/a.js:19
      20..21 sql insert into t values ($1) -> T
      21..22 wait dns "x" started load@/app/a.js:5:10 < handler@/app/a.js:9
      22..23 sql COMMIT`,
  );
  const [finding, ...more] = findingsOf(analysis, RULE);
  t.deepEqual(more, []);
  t.is(finding?.count, 3);
  t.is(finding?.evidence.facts['kind'], 'http');
  t.is(finding?.evidence.facts['kinds'], 'http, dns');
  t.is(finding?.evidence.facts['callers'], 'handler (a.js:9), other (a.js:19)');
});

test('two lines are two findings', async (t) => {
  const analysis = await analyseText(t, transactions(`${SLEEP}\n104..108 wait file started load@/app/app.js:13`));
  t.deepEqual(findingsOf(analysis, RULE).map(describeFinding), [
    'error await-in-transaction app.js:12 renderInvoice 10 × 1000 ms',
    'error await-in-transaction app.js:13 load 10 × 40 ms',
  ]);
});

test('without the place of its start: where it was awaited, what ended the gap, where the connection was asked for', async (t) => {
  const places = ['awaited g@/app/a.js:2', '', ''];
  const found: string[] = [];
  for (const [index, place] of places.entries()) {
    const analysis = await analyseText(
      t,
      `checkout 1 pool 0 from 0 use 100 at k@/app/a.js:9
        0..1 sql BEGIN -> T
        1..50 wait http ${place}
        ${index === 1 ? '1..50 gap ended h@/app/a.js:3' : ''}
        50..51 sql COMMIT`,
    );
    found.push(...findingsOf(analysis, RULE).map(describeFinding));
  }
  t.deepEqual(found, [
    'error await-in-transaction a.js:2 g 1 × 49 ms',
    'error await-in-transaction a.js:3 h 1 × 49 ms',
    'error await-in-transaction a.js:9 k 1 × 49 ms',
  ]);
});

test('waits whose place was not captured join the finding that they look like', async (t) => {
  const sampled = transactions('4..104 wait timer "100 ms"').replace('wait timer "100 ms"', SLEEP.slice('4..104 '.length));
  const analysis = await analyseText(t, sampled);
  t.deepEqual(findingsOf(analysis, RULE).map(describeFinding), ['error await-in-transaction app.js:12 renderInvoice 10 × 1000 ms']);
  // Of another kind, it is another matter.
  const other = await analyseText(t, sampled.replace(/wait timer "100 ms"(?! started)/, 'wait http "GET x"'));
  t.deepEqual(findingsOf(other, RULE).map(describeFinding), [
    'error await-in-transaction app.js:12 renderInvoice 9 × 900 ms',
    'error await-in-transaction app.js:20 handler 1 × 100 ms',
  ]);
});

test('what other code started is said so, at the line that waits for it', async (t) => {
  const shared = '4..104 wait promise started warmUp@/app/cache.js:3 awaited renderInvoice@/app/app.js:12 foreign';
  const [finding, ...more] = findingsOf(await analyseText(t, transactions(shared)), RULE);
  t.deepEqual(more, []);
  t.is(finding?.callSite?.file, 'app.js');
  t.regex(finding?.title ?? '', /renderInvoice waits for a promise that other code started at cache\.js:3, 10 times/);
  t.is(finding?.evidence.facts['startedElsewhere'], 'cache.js:3');
});

test('something of which nothing is known accuses nobody of an await', async (t) => {
  const analysis = await analyseText(t, transactions('4..104 wait unknown'));
  t.deepEqual(findingsOf(analysis, RULE), []);
  t.is(findingsOf(analysis, 'idle-in-transaction').length, 1, 'yet the time is idle');
});

test('inside a package, the package is named', async (t) => {
  const inside = '4..104 wait http "GET x" started request@/app/node_modules/got/index.js:7 < renderInvoice@/app/app.js:12';
  const [finding] = findingsOf(await analyseText(t, transactions(inside)), RULE);
  t.is(finding?.via?.package, 'got');
  t.is(finding?.callSite?.line, 12);
});

test('asking and reading the answer are one wait, at the line that takes longest', async (t) => {
  const text = transactions(`4..100 wait http "GET x" started getRate@/app/app.js:12 < handler@/app/app.js:22
      100..104 wait http "GET x" started getRate@/app/app.js:13 < async handler@/app/app.js:22`);
  t.deepEqual(findingsOf(await analyseText(t, text), RULE).map(describeFinding), ['error await-in-transaction app.js:12 getRate 10 × 1000 ms']);
  const other = text.replaceAll('100..104 wait http "GET x"', '100..104 wait http "GET y"');
  t.is(findingsOf(await analyseText(t, other), RULE).length, 2, 'another service is another wait');
});

test('a stack that was captured further outward on the same way is completed', async (t) => {
  const text = transactions('4..104 wait timer "100 ms" started handler@/app/app.js:22').replace(/4\.\.104 wait.*/, SLEEP);
  t.deepEqual(findingsOf(await analyseText(t, text), RULE).map(describeFinding), ['error await-in-transaction app.js:12 renderInvoice 10 × 1000 ms']);
  const elsewhere = text.replaceAll('started handler@/app/app.js:22', 'started handler@/app/app.js:23');
  t.is(findingsOf(await analyseText(t, elsewhere), RULE).length, 2, 'another line is another place');
});
