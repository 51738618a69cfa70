import test from 'ava';
import { entriesOf, parseBaseline, writeBaseline } from '../../reports/gate/baseline.js';
import { judge } from '../../cli/report/verdict.js';
import { judgeText, SHOP, shopWith } from './support/judged.js';

const NONE: ReadonlySet<string> = new Set();

test('new errors fail; as warnings they do not; switched off they are not there', async (t) => {
  const found = await judgeText(t, SHOP);
  t.deepEqual(found.gate.findings.map(({ standing, fails }) => [standing, fails]), [['new', true]]);
  t.is(judge(found).status, 1);

  const warned = await judgeText(t, SHOP, { rules: { 'await-in-transaction': 'warning' } });
  t.deepEqual(warned.report.findings.map(({ severity }) => severity), ['warning']);
  t.is(judge(warned).status, 0);

  const off = await judgeText(t, SHOP, { rules: { 'await-in-transaction': 'off' } });
  t.deepEqual(off.report.findings, []);
  t.is(off.report.verdict, 'healthy');
  t.is(off.report.summary, 'Nothing to complain about but what is switched off: 1 finding left out (await-in-transaction).');
  t.is(judge(off).status, 0);
});

test('a baseline makes known what was there, by fingerprint; the file is stable', async (t) => {
  const { report } = await judgeText(t, SHOP);
  const entries = entriesOf(report, NONE);
  t.deepEqual(entries.map(({ rule, count, title }) => ({ rule, count, title })), [
    { rule: 'await-in-transaction', count: 1, title: 'Await inside an open transaction: charge in src/bank.js (GET bank.example/charge)' },
  ]);
  const text = writeBaseline(entries);
  t.deepEqual(parseBaseline(text), entries);
  t.is(writeBaseline(parseBaseline(text) ?? []), text);

  const moved = await judgeText(t, SHOP.replaceAll('.js:1', '.js:91').replaceAll('.js:4', '.js:44'), {}, { name: 'known.json', entries });
  t.deepEqual(moved.gate.findings.map(({ standing, fails }) => [standing, fails]), [['known', false]]);
  t.deepEqual(entriesOf(moved.report, NONE), entries, 'moved lines change nothing in the file');
  t.true(moved.gate.passed);

  const other = await judgeText(t, SHOP.replaceAll('src/bank.js', 'src/shop.js'), {}, { name: 'known.json', entries });
  t.deepEqual(other.gate.findings.map(({ standing }) => standing), ['new']);
  t.deepEqual(other.gate.unseen.map(({ title }) => title), entries.map(({ title }) => title));
  t.false(other.gate.passed);
});

test('the name of a finding holds nothing that is another in the next run: ports, ids, delays', async (t) => {
  const nameOf = async (wait: string): Promise<string | undefined> => {
    const { report } = await judgeText(t, SHOP.replace('wait http "GET bank.example/charge"', wait));
    return entriesOf(report, NONE)[0]?.title.replace(/^.*\(|\)$/g, '');
  };
  t.is(await nameOf('wait http "GET 127.0.0.1:39239/price/tea2"'), 'GET 127.0.0.1/price/tea2');
  t.is(await nameOf('wait http "POST bank.example/accounts/4711/pay/0a1b2c3d-0000-4000-8000-00000000abcd"'), 'POST bank.example/accounts/…/pay/…');
  t.is(await nameOf('wait http "GET bank.example:8443/facade/added"'), 'GET bank.example/facade/added');
  t.is(await nameOf('wait timer "137 ms"'), 'a timer');
});

test('more occurrences of a known finding pass, and are said, unless they shall fail', async (t) => {
  const { report } = await judgeText(t, SHOP);
  const entries = entriesOf(report, NONE);
  const twice = shopWith(2);
  const allowed = await judgeText(t, twice, {}, { name: 'known.json', entries });
  t.deepEqual(allowed.gate.findings, [{ fingerprint: entries[0]?.fingerprint ?? '', standing: 'grown', fails: false, reason: 'in the baseline with one occurrence, now twice' }]);
  t.true(allowed.gate.passed);
  t.false((await judgeText(t, twice, { baselineGrowth: 'fail' }, { name: 'known.json', entries })).gate.passed);
  t.true((await judgeText(t, SHOP, { baselineGrowth: 'fail' }, { name: 'known.json', entries })).gate.passed);
});

test('an ignored finding passes with its reason, within its time budget only', async (t) => {
  const { report } = await judgeText(t, SHOP);
  const fingerprint = report.findings[0]?.fingerprint ?? '';
  const within = await judgeText(t, SHOP, { ignore: [{ fingerprint, reason: 'the lock has to stay', maxMs: 300 }] });
  t.deepEqual(within.gate.findings, [{ fingerprint, standing: 'ignored', fails: false, reason: 'the lock has to stay' }]);
  const over = await judgeText(t, SHOP, { ignore: [{ fingerprint, reason: 'the lock has to stay', maxMs: 299 }] });
  t.deepEqual(over.gate.findings, [{ fingerprint, standing: 'over-budget', fails: true, reason: 'ignored up to 299 ms (the lock has to stay), took 300 ms' }]);
  const useless = await judgeText(t, SHOP, { ignore: [{ fingerprint: '0000000000000000', reason: 'gone' }] });
  t.deepEqual(useless.gate.unusedIgnores, [{ fingerprint: '0000000000000000', title: 'gone' }]);
  t.deepEqual(entriesOf(report, new Set([fingerprint])), [], 'what is ignored needs no baseline');
});

test('doubt is not clean: events that were lost are exit 2, even beside findings that are known', async (t) => {
  const lost = SHOP.replace('end 0', 'lost 3\n  end 0');
  const { report } = await judgeText(t, lost);
  const known = await judgeText(t, lost, {}, { name: 'known.json', entries: entriesOf(report, NONE) });
  t.is(judge(known).status, 2);
  t.regex(judge(known).reason ?? '', /^inconclusive: 3 events were lost/);
  t.is(judge(await judgeText(t, lost)).status, 1, 'what was found stands');
});

test('of a run in which nothing happened, nothing follows for the baseline', async (t) => {
  const { report } = await judgeText(t, SHOP);
  const idle = await judgeText(t, 'pool 1 max 2\n  end 0 at 3', { ignore: [{ fingerprint: '0000000000000000', reason: 'x' }] }, { name: 'known.json', entries: entriesOf(report, NONE) });
  t.deepEqual([idle.gate.unseen, idle.gate.unusedIgnores], [[], []]);
});

for (const text of ['', '[]', '{"version":2,"findings":[]}', '{"version":1,"findings":[{"fingerprint":3}]}', '{"version":1}']) {
  test(`no baseline: ${text}`, (t) => {
    t.is(parseBaseline(text), null);
  });
}
