import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFindings } from './support/describe.js';

const RULE = 'transaction-on-pool';

function statements(second: string, max = 4, first = ' -> T'): string {
  return `pool 1 max ${max} timeout 5000
    connection 1 connecting 0 connected 0
    connection 2 connecting 0 connected 0
    checkout 1 from 0 use 1 via query connection 1 at transfer@/app/app.js:10
      0..1 sql BEGIN${first}
    checkout 2 from 2 use 1 via query connection 1 at transfer@/app/app.js:11
      0..1 sql update t ${second}
    checkout 3 from 4 use 1 via query connection 2 at transfer@/app/app.js:12
      0..1 sql COMMIT
    end 0 at 100`;
}

test('BEGIN through pool.query, by what the server said after it', async (t) => {
  const analysis = await analyseText(t, statements('-> T'));
  t.deepEqual(describeFindings(analysis), ['error transaction-on-pool app.js:10 transfer 1 × 1 ms']);
  t.is(analysis.report.findings[0]?.title, 'transfer begins a transaction with pool.query, once; 1 later checkout of that connection ran inside it');
});

test('the clean twins: a whole transaction in one call; a BEGIN that was none', async (t) => {
  t.deepEqual(describeFindings(await analyseText(t, statements('', 4, '; update t; COMMIT'))), []);
  t.deepEqual(describeFindings(await analyseText(t, statements('', 4, ''))), []);
});

test('with a single connection it happens to work: a warning', async (t) => {
  const analysis = await analyseText(t, statements('-> T', 1).replace('connection 2', 'connection 1'));
  t.deepEqual(findingsOf(analysis, RULE).map(({ severity }) => severity), ['warning']);
});

test('a query that gets a connection with an open transaction did not begin it', async (t) => {
  const text = statements('-> T').replace('use 1 via query connection 1 at transfer@/app/app.js:10', 'use 1 connection 1 at transfer@/app/app.js:10');
  t.deepEqual(describeFindings(await analyseText(t, text)).map((line) => line.split(' ')[1]), ['unfinished-transaction']);
});

const throughLibrary = (more: string): string => `pool 1 max 4 timeout 5000
  connection 1 connecting 0 connected 0
  checkout 1 from 0 use 3 connection 1 at acquire@/app/node_modules/knex/lib/client.js:9 < transfer@/app/app.js:10
    0..1 sql BEGIN -> T at query@/app/node_modules/knex/lib/client.js:20 < transfer@/app/app.js:${more}
  end 0 at 100`;

test('a library that gives its pool a BEGIN is pool.query by another name; a connection that the program took itself is not', async (t) => {
  const analysis = await analyseText(t, throughLibrary('10'));
  t.deepEqual(describeFindings(analysis).map((line) => line.split(' ').slice(0, 3)), [['error', RULE, 'app.js:10']]);
  t.regex(analysis.report.findings[0]?.title ?? '', /^transfer begins a transaction with a statement to the pool of knex, once/);
  t.deepEqual(describeFindings(await analyseText(t, throughLibrary('12'))).map((line) => line.split(' ')[1]), ['unfinished-transaction']);
  t.deepEqual(describeFindings(await analyseText(t, throughLibrary('10\n1..2 sql select 1 -> T'))).map((line) => line.split(' ')[1]), ['unfinished-transaction']);
});
