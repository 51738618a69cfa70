import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding, describeFindings } from './support/describe.js';

const RULE = 'long-checkout';

/** Holds of 3 s, one after the other. */
function holds(during: string, count = 3, use = 'use 3000'): string {
  const hold = (id: number): string => `checkout ${id} from ${id * 4000} ${use} connection 1 at handler@/app/app.js:10
      1..2 sql select 1 at handler@/app/app.js:11
      ${during}`;
  return `pool 1 max 2 timeout 5000\n${Array.from({ length: count }, (_, index) => hold(index + 1)).join('\n')}\nend 0 at 30000`;
}

test('held and not used, again and again: where the connection was asked for', async (t) => {
  const analysis = await analyseText(t, holds(''));
  t.deepEqual(describeFindings(analysis), ['warning long-checkout app.js:10 handler 3 × 8997 ms']);
  t.is(analysis.report.findings[0]?.title, 'handler holds a connection that it does not use, without a transaction, for up to 3 s, 3 times');
});

test('the clean twins: short; busy with SQL', async (t) => {
  t.deepEqual(describeFindings(await analyseText(t, holds('', 3, 'use 900'))), []);
  t.deepEqual(describeFindings(await analyseText(t, holds('2..2900 sql select pg_sleep(?)'))), []);
});

test('held while something else is awaited: the line of the await', async (t) => {
  const [finding] = findingsOf(await analyseText(t, holds('2..2900 wait http "GET x" started load@/app/app.js:30 < handler@/app/app.js:12')), RULE);
  t.is(finding && describeFinding(finding), 'warning long-checkout app.js:30 load 3 × 8997 ms');
  t.regex(finding?.title ?? '', /holds a connection while it waits for GET x, without a transaction,/);
});

test('LISTEN, and a lock of the session: notes, each with its advice', async (t) => {
  const listen = await analyseText(t, holds('2..3 sql LISTEN jobs', 5));
  t.deepEqual(findingsOf(listen, RULE).map(({ severity }) => severity), ['note']);
  t.regex(findingsOf(listen, RULE)[0]?.advice ?? '', /client of its own/);
  const lock = await analyseText(t, holds('2..3 sql select pg_advisory_lock(?)', 5));
  t.deepEqual(findingsOf(lock, RULE).map(({ severity, evidence }) => [severity, evidence.facts['keptFor']]), [['note', 'lock']]);
});

test('a slow consumer of a cursor: the line of its statement', async (t) => {
  const reads = Array.from({ length: 10 }, (_, index) => `${10 + index * 250}..${11 + index * 250} sql select * from big${index === 0 ? '' : ` queued ${index * 250}`} at stream@/app/app.js:40`);
  const [finding] = findingsOf(await analyseText(t, holds(reads.join('\n'))), RULE);
  t.is(finding?.callSite?.line, 40);
  t.is(finding?.evidence.facts['keptFor'], 'cursor');
});

test('once or twice, and nobody waited: a note', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, holds('', 2)), RULE).map(({ severity }) => severity), ['note']);
  const starved = `${holds('', 1).replace('max 2', 'max 1')}\ncheckout 9 from 4100 wait 2900 use 1 connection 1`;
  t.deepEqual(findingsOf(await analyseText(t, starved), RULE).map(({ severity }) => severity), ['warning']);
});

test('transactions, other connections of the flow, blocks and what nobody watched do not count', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, holds('2..3 sql BEGIN -> T\n2990..2991 sql COMMIT')), RULE), []);
  t.deepEqual(findingsOf(await analyseText(t, holds('2..2900 wait query started audit@/app/app.js:30')), RULE), []);
  t.deepEqual(findingsOf(await analyseText(t, holds('2..3000 gap unwatched')), RULE), []);
  t.deepEqual(findingsOf(await analyseText(t, holds('', 1) + '\nblocked 4002..6800 at f@/app/a.js:1'), RULE), []);
});

test('a client without a pool may be held for ever', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, holds('', 1).replace('from 4000', 'pool 0 from 4000 via client')), RULE), []);
});
