import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding, describeFindings } from './support/describe.js';

const RULE = 'event-loop-blocked';

function trace(blocks: string, end = 'end 0 at 9000'): string {
  return `pool 1 max 2 timeout 5000
    checkout 1 from 0 wait 90 use 2000 at handler@/app/app.js:10
      91..2089 sql select pg_sleep(?)
    ${blocks}
    ${end}`;
}

test('synchronous work while a connection is held: its line, from a sample', async (t) => {
  const analysis = await analyseText(t, trace('blocked 200..500 at hash@/app/app.js:40\nblocked 700..1000 at hash@/app/app.js:40\nblocked 1100..1200 at hash@/app/app.js:40'));
  t.deepEqual(describeFindings(analysis), ['warning event-loop-blocked app.js:40 hash 3 × 700 ms']);
  t.is(analysis.report.findings[0]?.title, 'hash blocked the event loop 3 times, up to 300 ms, while up to 1 connection was held');
});

test('the clean twin: while no connection is held', async (t) => {
  t.deepEqual(describeFindings(await analyseText(t, trace('blocked 2200..2900 at hash@/app/app.js:40'))), []);
});

test('the clean twin: while the first connections are opened', async (t) => {
  t.deepEqual(describeFindings(await analyseText(t, trace('blocked 1..89 at require@/app/app.js:1'))), []);
});

test('short ones are daily life', async (t) => {
  t.deepEqual(describeFindings(await analyseText(t, trace('blocked 200..260 at hash@/app/app.js:40\nblocked 300..390 at hash@/app/app.js:40'))), []);
});

test('one that is not very long, and those without a sample, may be a busy machine: notes', async (t) => {
  t.deepEqual(describeFindings(await analyseText(t, trace('blocked 200..500 at hash@/app/app.js:40'))), ['note event-loop-blocked app.js:40 hash 1 × 300 ms']);
  t.deepEqual(describeFindings(await analyseText(t, trace('blocked 200..1500'))), ['note event-loop-blocked - 1 × 1300 ms']);
  t.deepEqual(describeFindings(await analyseText(t, trace('blocked 200..800 at hash@/app/app.js:40'))), ['warning event-loop-blocked app.js:40 hash 1 × 600 ms']);
});

test('a line that blocks again and again is no chance, though only once while a connection was held', async (t) => {
  const elsewhere = (line: number): string => `\nblocked 5000..5100 at hash@/app/app.js:${line}\nblocked 6000..6100 at hash@/app/app.js:${line}`;
  t.deepEqual(describeFindings(await analyseText(t, trace(`blocked 200..500 at hash@/app/app.js:40${elsewhere(40)}`, 'alive 7000'))), ['warning event-loop-blocked app.js:40 hash 1 × 300 ms']);
  t.deepEqual(describeFindings(await analyseText(t, trace(`blocked 200..500 at hash@/app/app.js:40${elsewhere(44)}`, 'alive 7000'))), ['note event-loop-blocked app.js:40 hash 1 × 300 ms']);
});

test('a process that froze and never came back', async (t) => {
  const [finding] = findingsOf(await analyseText(t, trace('blocked 300..1900 at waitForLock@/app/app.js:60', 'alive 2000')), RULE);
  t.is(finding && describeFinding(finding), 'error event-loop-blocked app.js:60 waitForLock 1 × 1600 ms');
  t.regex(finding?.title ?? '', /^waitForLock froze the process for 1\.6 s, until the recording ended/);
});

test('requests that were never served count as waiting', async (t) => {
  const [finding] = findingsOf(await analyseText(t, trace('blocked 200..900 at hash@/app/app.js:40\ncheckout 2 from 150 timeout 600')), RULE);
  t.is(finding?.evidence.facts['waitingMax'], 1);
});
