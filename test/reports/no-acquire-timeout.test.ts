import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding } from './support/describe.js';

const RULE = 'no-acquire-timeout';

function starved(pool: string, waiter: string): string {
  return `pool 1 max 1 ${pool} at main@/app/app.js:3
    connection 1 connecting 0 connected 1
    checkout 1 from 10 use 400 connection 1 at handler@/app/app.js:10
      0..399 sql select pg_sleep(?)
    ${waiter}
    alive 900`;
}

test('requests waited in a pool that would have let them wait for ever: a note, at the pool', async (t) => {
  const analysis = await analyseText(t, starved('', 'checkout 2 from 60 wait 350 use 1 connection 1'));
  t.deepEqual(findingsOf(analysis, RULE).map(describeFinding), ['note no-acquire-timeout app.js:3 main 1 × 350 ms']);
  t.is(analysis.report.verdict, 'healthy', 'never a verdict by itself');
});

test('the clean twins: a timeout; nobody waited', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, starved('timeout 5000', 'checkout 2 from 60 wait 350 use 1 connection 1')), RULE), []);
  t.deepEqual(findingsOf(await analyseText(t, starved('', '')), RULE), []);
});

test('those that still wait are counted', async (t) => {
  const text = starved('', 'checkout 2 from 60 pending').replace('use 400', '').replace('0..399 sql select pg_sleep(?)', '0.. running select pg_sleep(?)');
  const [finding] = findingsOf(await analyseText(t, text), RULE);
  t.is(finding?.evidence.facts['stillWaiting'], 1);
  t.regex(finding?.title ?? '', /1 of them to the end of the recording/);
});

test('waiting for the first connections is no matter of a timeout', async (t) => {
  const text = `pool 1 max 4\nconnection 1 connecting 0 connected 800\ncheckout 1 from 0 wait 800 use 5 connection 1\nend 0 at 900`;
  t.deepEqual(findingsOf(await analyseText(t, text), RULE), []);
});
