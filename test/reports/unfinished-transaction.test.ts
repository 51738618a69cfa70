import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding, describeFindings } from './support/describe.js';

const RULE = 'unfinished-transaction';

/** A transaction whose last statements are `end`, and two checkouts of the same connection after it. */
function transaction(end: string, outcome = 'use 10', heirs = 'T'): string {
  const heir = (id: number): string => `checkout ${id} from ${id * 100} use 5 via query connection 1 at other@/app/app.js:50
      0..5 sql select 1${heirs === 'I' ? '' : ` -> ${heirs}`}`;
  return `pool 1 max 2 timeout 5000
    connection 1 connecting 0 connected 0
    checkout 1 from 0 ${outcome} connection 1 at handler@/app/app.js:10
      1..2 sql BEGIN -> T at handler@/app/app.js:11
      2..3 sql select 1 -> T at handler@/app/app.js:12
      ${end}
    ${heir(2)}
    ${heir(3)}
    end 0 at 900`;
}

test('released with its transaction open: where it began, and who came after', async (t) => {
  const analysis = await analyseText(t, transaction('3..10 gap ended handler@/app/app.js:19'));
  t.deepEqual(describeFindings(analysis), ['error unfinished-transaction app.js:11 handler 1 × 9 ms']);
  const [finding] = analysis.report.findings;
  t.is(finding?.title, 'handler begins a transaction and releases its connection without ending it (transaction still open), once; 2 more checkouts of the same connection worked inside');
  t.deepEqual(finding?.evidence.facts, { status: 'T', releasedAt: 'app.js:19', connectionFrom: 'app.js:10', laterCheckoutsInside: 2 });
});

test('the clean twin: committed', async (t) => {
  t.deepEqual(describeFindings(await analyseText(t, transaction('4..5 sql COMMIT', 'use 10', 'I'))), []);
});

test('a failed one too', async (t) => {
  const [finding] = findingsOf(await analyseText(t, transaction('4..5 sql insert into t -> E !23505', 'use 10', 'E')), RULE);
  t.is(finding?.evidence.facts['status'], 'E');
  t.regex(finding?.advice ?? '', /25P02/);
});

test('no fault: the connection was closed', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, transaction('', 'destroyed 10', 'I')), RULE), []);
});

test('no fault: its end was sent, and the connection given back at once', async (t) => {
  for (const end of ['COMMIT', 'rollback', 'END']) t.deepEqual(findingsOf(await analyseText(t, transaction(`9..10 sql ${end} -> T`, 'use 10', 'I')), RULE), [], end);
  t.is(findingsOf(await analyseText(t, transaction('9..10 sql rollback to savepoint a -> T')), RULE).length, 1, 'which does not end it');
});

test('no proof: the end may be among the events that were dropped', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, `${transaction('')}\nlost 2`), RULE), []);
});

test('somebody who begins one in one that was left there is to blame for their own only', async (t) => {
  const text = `pool 1 max 1 timeout 5000
    connection 1 connecting 0 connected 0
    checkout 1 from 0 use 10 connection 1 at first@/app/app.js:10
      1..2 sql BEGIN -> T at first@/app/app.js:11
    checkout 2 from 20 use 10 connection 1 at second@/app/app.js:20
      1..2 sql BEGIN -> T at second@/app/app.js:21
      2..3 sql COMMIT
    checkout 3 from 40 use 10 connection 1 at third@/app/app.js:30
      1..2 sql select 1
    end 0 at 100`;
  t.deepEqual(findingsOf(await analyseText(t, text), RULE).map(describeFinding), ['error unfinished-transaction app.js:11 first 1 × 9 ms']);
});

test('awaits of those who came after are not in a transaction of theirs', async (t) => {
  const text = transaction('').replace('use 5 via query connection 1 at other@/app/app.js:50\n      0..5 sql select 1 -> T', 'use 50 connection 1 at other@/app/app.js:50\n      0..5 sql select 1 -> T\n 5..45 wait timer started other@/app/app.js:51\n45..46 sql select 2 -> T');
  const analysis = await analyseText(t, text);
  t.is(analysis.timeline.checkouts[1]?.gaps.some(({ waits }) => waits.length > 0), true);
  t.deepEqual(findingsOf(analysis, 'await-in-transaction'), []);
});
