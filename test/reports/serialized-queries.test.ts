import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding, describeFindings } from './support/describe.js';

const RULE = 'serialized-queries';

/** Statements of 20 ms, all given to the client at 1 ms. */
function batch(count: number, place = 'at load@/app/app.js:20', via = ''): string {
  const lines = Array.from({ length: count }, (_, index) => `${1 + index * 20}..${21 + index * 20} sql select ${index % 2}${index === 0 ? '' : ` queued ${index * 20 - 0.1}`} ${place}`);
  return `pool 1 max 2 timeout 5000
    connection 1 connecting 0 connected 1
    checkout 1 from 0 use 500 ${via} connection 1 at handler@/app/app.js:10
      ${lines.join('\n')}
    end 0 at 900`;
}

test('Promise.all over one connection: the line that sends them', async (t) => {
  const analysis = await analyseText(t, batch(5));
  t.deepEqual(describeFindings(analysis), ['warning serialized-queries app.js:20 load 1 × 80 ms']);
  t.is(analysis.report.findings[0]?.title, 'load sends up to 5 statements at once over one connection, which runs them one after the other, once; the last one waited up to 80 ms');
  t.deepEqual([analysis.report.findings[0]?.evidence.facts['atOnceMax'], analysis.report.findings[0]?.evidence.facts['queuedStatements']], [5, 4]);
});

test('the clean twin: one after the other', async (t) => {
  t.deepEqual(describeFindings(await analyseText(t, batch(5).replace(/ queued \S+/g, ''))), []);
});

test('no fault: the connection is pipelined', async (t) => {
  t.deepEqual(describeFindings(await analyseText(t, batch(5).replace('connected 1', 'connected 1 pipelined'))), []);
});

test('no fault: a cursor, whose reads count from its first one', async (t) => {
  const reads = Array.from({ length: 12 }, (_, index) => `${1 + index * 20}..${20.5 + index * 20} sql select * from big${index === 0 ? '' : ` queued ${index * 20}`}`);
  const text = batch(1).replace(/1\.\.21 sql .*/, reads.join('\n'));
  t.deepEqual(describeFindings(await analyseText(t, text)), []);
});

test('a few of them, or short ones, are a note or nothing', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, batch(3)), RULE), []);
  t.deepEqual(findingsOf(await analyseText(t, batch(4).replaceAll(/(\d+)\.\.(\d+) sql/g, (_, a: string, b: string) => `${Number(a) / 10}..${Number(b) / 10} sql`).replaceAll(/queued (\S+)/g, (_, ms: string) => `queued ${Number(ms) / 10}`)), RULE).map(({ severity }) => severity), ['note']);
});

test('a client that flows share is not one flow, unless it is one line', async (t) => {
  t.deepEqual(findingsOf(await analyseText(t, batch(5, '', 'pool 0 via client')), RULE), []);
  t.deepEqual(findingsOf(await analyseText(t, batch(5, 'at load@/app/app.js:20', 'pool 0 via client')), RULE).map(describeFinding), ['warning serialized-queries app.js:20 load 1 × 80 ms']);
});
