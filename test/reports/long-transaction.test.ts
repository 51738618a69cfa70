import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding } from './support/describe.js';

const RULE = 'long-transaction';

function transaction(ms: number, extra = ''): string {
  return `pool 1 max 2
    checkout 1 from 0 use 3000 at handler@/app/app.js:20
      1..2 sql BEGIN -> T at begin@/app/app.js:21
      2..${ms - 100} sql update orders set state = $1 -> T at ship@/app/app.js:22
      ${ms}..${ms + 1} sql COMMIT
    ${extra}
    end 0 at 3000`;
}

test('a transaction over the limit is found, with where its time went', async (t) => {
  const [finding, ...more] = findingsOf(await analyseText(t, transaction(1500)), RULE);
  t.deepEqual(more, []);
  t.is(finding && describeFinding(finding), 'warning long-transaction app.js:21 begin 1 × 1500 ms');
  t.is(finding?.title, 'A transaction that begin began stays open for 1.5 s, 50 % of all connection time');
  t.deepEqual(finding?.evidence.facts, { limitMs: 1000, meanMs: 1500, sqlMs: 1400, awaitMs: 0, blockedMs: 0, idleMs: 100 });
  t.is(finding?.evidence.statements[0], 'update orders set state = $1');
  t.regex(finding?.advice ?? '', /93 % of its time in SQL/);
});

test('the clean twin: a short transaction in a hold as long', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, transaction(999)), RULE), []);
});

test('a long statement without a transaction is none', async (t) => {
  const analysis = await analyseText(t, `pool 1 max 2
    checkout 1 from 0 use 3000
      1..2900 sql select pg_sleep(?)`);
  t.deepEqual(analysis.report.findings, []);
});

test('one that never ended counts up to the end of the trace', async (t) => {
  const analysis = await analyseText(t, `pool 1 max 2
    checkout 1 from 0 at handler@/app/app.js:20
      1..2 sql BEGIN -> T
      3.. running update t set a = ?
    alive 5000`);
  t.deepEqual(findingsOf(analysis, RULE).map(describeFinding), ['warning long-transaction app.js:20 handler 1 × 4999 ms']);
});

test('the limit can be set, and the blocked event loop is a part of its own', async (t) => {
  const text = transaction(1500, 'blocked 1390..1501');
  t.deepEqual(findingsOf(await analyseText(t, text, { limits: { transactionMs: 1600 } }), RULE), []);
  const [finding] = findingsOf(await analyseText(t, text, { limits: { transactionMs: 500 } }), RULE);
  const facts = finding?.evidence.facts;
  t.is(facts?.['limitMs'], 500);
  t.true(Number(facts?.['blockedMs']) >= 100);
  const sum = ['sqlMs', 'awaitMs', 'blockedMs', 'idleMs'].reduce((total, name) => total + Number(facts?.[name]), 0);
  t.is(sum, 1500);
});
