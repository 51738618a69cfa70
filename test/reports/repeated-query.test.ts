import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding, describeFindings } from './support/describe.js';

const RULE = 'repeated-query';
const LOOKUP = 'select * from items where order_id = $1';

/** So many statements of one text, one after the other; in a transaction unless told otherwise. */
function loop(times: number, text = LOOKUP, status = ' -> T', pauseMs = 0.5): string {
  const lines = Array.from({ length: times }, (_, index) => {
    const at = 10 + index * (1 + pauseMs);
    return `${at}..${at + 1} sql ${text}${status} at loadItems@/app/app.js:20 < handler@/app/app.js:12`;
  });
  return `pool 1 max 2 timeout 5000
    checkout 1 from 0 use ${40 + times * (1 + pauseMs)} at handler@/app/app.js:10
      1..2 sql BEGIN${status}
      2..3 sql select * from orders${status}
      ${lines.join('\n')}
      ${20 + times * (1 + pauseMs)}..${21 + times * (1 + pauseMs)} sql COMMIT
    end 0 at 9000`;
}

test('lazy loading: one statement many times in a transaction', async (t) => {
  const analysis = await analyseText(t, loop(12));
  t.deepEqual(describeFindings(analysis), ['warning repeated-query app.js:20 loadItems 1 × 12 ms']);
  const [finding] = analysis.report.findings;
  t.is(finding?.title, 'loadItems runs one statement up to 12 times in one transaction (select * from items where order_id = $1), once; 12 ms in all');
  t.deepEqual(finding?.evidence.facts, { timesMax: 12, timesInAll: 12, meanTimes: 12 });
  t.deepEqual(finding?.evidence.statements, [LOOKUP]);
});

test('the clean twins: a few times; one statement for all', async (t) => {
  t.deepEqual(describeFindings(await analyseText(t, loop(9))), []);
  t.deepEqual(describeFindings(await analyseText(t, loop(12, 'select * from items where order_id = any($1)'))), []);
});

test('in one checkout without a transaction too, if it comes in one go', async (t) => {
  t.is(findingsOf(await analyseText(t, loop(12, LOOKUP, '')), RULE).length, 1);
  t.deepEqual(findingsOf(await analyseText(t, loop(12, LOOKUP, '', 200)), RULE), [], 'somebody who looks now and then');
});

test('writes are a note', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, loop(12, 'insert into items values ($1, $2)')), RULE).map(describeFinding), ['note repeated-query app.js:20 loadItems 1 × 12 ms']);
});

const FINE = [
  'insert into items values ($1, $2), ($3, $4)',
  'insert into items select * from unnest($1::int[])',
  'select * from items where id > $1 order by id limit $2',
  'select * from items where id in ($1, $2, $3)',
  'FETCH 100 FROM c',
  'SAVEPOINT a',
  'select * from jobs where state = $1 for update skip locked limit 1',
];

for (const text of FINE) {
  test(`no fault: ${text}`, async (t) => {
    t.deepEqual(findingsOf(await analyseText(t, loop(30, text)), RULE), []);
  });
}

test('no fault: the reads of a cursor', async (t) => {
  const cursor = loop(30).replace(/(\d+(?:\.\d+)?)\.\.(\S+) sql (select \* from items where order_id = \$1) -> T/g, (line: string, at: string) => (at === '10' ? line : `${line} queued ${Number(at) - 10}`));
  t.regex(cursor, /queued 1\.5/);
  t.deepEqual(findingsOf(await analyseText(t, cursor), RULE), []);
});

test('what is sent all at once is another matter', async (t) => {
  const at = (index: number): string => `${10 + index}..${11 + index} sql ${LOOKUP} -> T${index === 0 ? '' : ` queued ${index - 0.1 - index * 0.005}`} at load@/app/app.js:20`;
  const text = loop(0).replace('20..21', `${Array.from({ length: 30 }, (_, index) => at(index)).join('\n')}\n60..61`);
  const analysis = await analyseText(t, text.replace('use 40', 'use 100'));
  t.deepEqual(findingsOf(analysis, RULE), []);
  t.is(findingsOf(analysis, 'serialized-queries').length, 1);
});

test('a client that many share repeats itself', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, loop(30, LOOKUP, '').replace('from 0', 'pool 0 from 0 via client')), RULE), []);
});

test('two statements of one helper are two findings', async (t) => {
  const other = loop(12, 'select * from users where id = $1').replace('checkout 1 from 0', 'checkout 2 from 1000').replace(/^pool.*$/m, '').replace('end 0 at 9000', '');
  t.is(findingsOf(await analyseText(t, `${loop(12)}\n${other}`), RULE).length, 2);
});
