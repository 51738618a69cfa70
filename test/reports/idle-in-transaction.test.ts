import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding } from './support/describe.js';

const RULE = 'idle-in-transaction';

/** Transactions whose statements are `pauseMs` apart, one for each pause. */
function transactions(pauses: readonly number[], extra = ''): string {
  const checkouts = pauses.map(
    (pauseMs, index) => `checkout ${index + 1} from ${index * 1000} use ${pauseMs + 10} at handler@/app/app.js:20
      1..2 sql BEGIN -> T
      2..3 sql select 1 -> T
      3..${3 + pauseMs} gap ended handler@/app/app.js:25
      ${3 + pauseMs}..${4 + pauseMs} sql COMMIT`,
  );
  return `pool 1 max 2\n${checkouts.join('\n')}\n${extra}\nend 0 at ${pauses.length * 1000}`;
}

test('a pause that comes again and again is found, at the line that goes on', async (t) => {
  const [finding, ...more] = findingsOf(await analyseText(t, transactions([20, 20, 20, 20, 20, 0.1])), RULE);
  t.deepEqual(more, []);
  t.is(finding && describeFinding(finding), 'warning idle-in-transaction app.js:25 handler 5 × 100 ms');
  t.is(finding?.title, 'A transaction stays open and unused for up to 20 ms before handler goes on, 5 times, 62 % of all connection time');
  t.is(finding?.evidence.facts['endedBy'], 'a statement');
});

test('the clean twin: statements right one after the other', async (t) => {
  const { report } = await analyseText(t, transactions([0.2, 0.1, 0.3, 4, 0.2]));
  t.deepEqual(report.findings, []);
});

test('a pause of the runtime, now and then, is nobody\'s fault', async (t) => {
  const rare = [20, 20, 20, ...Array.from({ length: 20 }, () => 0.1)];
  t.deepEqual(findingsOf(await analyseText(t, transactions(rare)), RULE), []);
  t.deepEqual(findingsOf(await analyseText(t, transactions([20, 20, 20, 20])), RULE), [], 'some times is not again and again');
});

test('once is enough when it is long', async (t) => {
  t.is(findingsOf(await analyseText(t, transactions([210, 0.1, 0.1, 0.1, 0.1, 0.1])), RULE).length, 1);
});

test('time that is explained is not idle: by waits, by a blocked event loop, by both', async (t) => {
  const awaited = transactions([100]).replace('3..103 gap ended', '3..103 wait timer started f@/app/a.js:1\n3..103 gap ended');
  t.deepEqual(findingsOf(await analyseText(t, awaited), RULE), []);
  t.deepEqual(findingsOf(await analyseText(t, transactions([100], 'blocked 2..102')), RULE), []);
  const both = transactions([100], 'blocked 50..104').replace('3..103 gap ended', '3..51 wait timer started f@/app/a.js:1\n3..103 gap ended');
  t.deepEqual(findingsOf(await analyseText(t, both), RULE), []);
  const half = transactions([400], 'blocked 50..104').replace('3..403 gap ended', '3..51 wait timer started f@/app/a.js:1\n3..403 gap ended');
  t.deepEqual(findingsOf(await analyseText(t, half), RULE).map(describeFinding), ['warning idle-in-transaction app.js:25 handler 1 × 299 ms']);
});

test('the beat before a block, in which it must have begun, is not idle; what is before that is', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, transactions([300], 'blocked 45..304')), RULE), []);
  t.deepEqual(findingsOf(await analyseText(t, transactions([400], 'blocked 310..404')), RULE).map(describeFinding), ['warning idle-in-transaction app.js:25 handler 1 × 257 ms']);
});

test('what an await leaves over of its gap is idle only when it is long itself', async (t) => {
  const withWait = (pauseMs: number): string =>
    transactions([pauseMs, pauseMs, pauseMs]).replaceAll(`3..${3 + pauseMs} gap ended`, `3..13 wait timer started f@/app/a.js:1\n3..${3 + pauseMs} gap ended`);
  t.deepEqual(findingsOf(await analyseText(t, withWait(40)), RULE), []);
  t.is(findingsOf(await analyseText(t, withWait(230)), RULE).length, 1);
});

test('idle connections without a transaction are another matter', async (t) => {
  const analysis = await analyseText(
    t,
    `pool 1 max 2
    checkout 1 from 0 use 900
      1..2 sql select 1
      800..801 sql select 2`,
  );
  t.deepEqual(analysis.report.findings, []);
});

test('a transaction that was left open and idle until the process was killed', async (t) => {
  const analysis = await analyseText(
    t,
    `pool 1 max 2
    checkout 1 from 0 at handler@/app/app.js:20
      1..2 sql BEGIN -> T
    alive 700`,
  );
  const [finding] = findingsOf(analysis, RULE);
  t.is(finding && describeFinding(finding), 'warning idle-in-transaction app.js:20 handler 1 × 698 ms');
  t.is(finding?.evidence.facts['endedBy'], 'the end of the trace');
});

test('where everything is idle now and then, the machine is busy, and no place is to blame', async (t) => {
  const elsewhere = Array.from({ length: 9 }, (_, index) => `checkout ${index + 50} from ${index * 1000 + 500} use 40
      1..2 sql BEGIN -> T
      2..3 sql update t -> T
      ${index % 3 === 0 ? 30 : 3.2}..31 sql COMMIT`).join('\n');
  t.deepEqual(findingsOf(await analyseText(t, transactions([20, 20, 20, 20, 0.1], elsewhere)), RULE), []);
  t.is(findingsOf(await analyseText(t, transactions([20, 20, 20, 20, 20, 20, 20, 20], elsewhere)), RULE).length, 1, 'unless it is idle every time');
});

test('where the event loop is blocked by nobody, again and again, it is the machine too', async (t) => {
  const starving = ['blocked 20100..20160', 'blocked 20300..20360', 'blocked 20500..20560'].join('\n');
  t.deepEqual(findingsOf(await analyseText(t, transactions([20, 20, 20, 20, 20, 0.1], starving)), RULE), []);
  t.deepEqual(findingsOf(await analyseText(t, transactions([300], starving)), RULE), []);
  t.is(findingsOf(await analyseText(t, transactions([1500], starving)), RULE).length, 1);
});

test('what nobody watched is no evidence', async (t) => {
  const text = transactions([400, 400, 400]).replace(/gap ended (\S+)/g, 'gap ended $1 unwatched');
  const analysis = await analyseText(t, text);
  t.deepEqual(findingsOf(analysis, RULE), []);
  t.true(analysis.timeline.checkouts.every(({ gaps }) => gaps.some(({ unwatched }) => unwatched === true)));
  t.deepEqual(analysis.report.notes, ['3 pauses in transactions, up to 400 ms long, were not watched, as the traffic was heavy and nothing had been awaited before: they may have been awaits']);
  t.deepEqual((await analyseText(t, transactions([400, 400, 400]))).report.notes, []);
});

test('nor is the transaction of somebody else, who left it on the connection', async (t) => {
  const heir = (id: number): string => `checkout ${id} from ${id * 1000} use 300 connection 1
      1..2 sql select 1 -> T
      290..291 sql select 2 -> T`;
  const analysis = await analyseText(t, `pool 1 max 2
    connection 1 connecting 0 connected 0
    checkout 1 from 0 use 10 connection 1 at forgetful@/app/app.js:9
      1..2 sql BEGIN -> T
    ${heir(2)}\n${heir(3)}`);
  t.deepEqual(findingsOf(analysis, RULE), []);
  t.is(findingsOf(analysis, 'unfinished-transaction').length, 1);
});

test('the limits can be set', async (t) => {
  const text = transactions([20, 20, 20, 20, 20]);
  t.is(findingsOf(await analyseText(t, text, { limits: { idleInTransactionMs: 19 } }), RULE).length, 1);
  t.is(findingsOf(await analyseText(t, text, { limits: { idleInTransactionMs: 21 } }), RULE).length, 0);
});
