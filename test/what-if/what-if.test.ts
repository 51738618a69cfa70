import test from 'ava';
import { renderWhatIfTerminal } from '../../reports/what-if/render-terminal.js';
import { sayRange } from '../../reports/what-if/sentences.js';
import { askWhatIf } from '../../reports/what-if/what-if.js';
import { analyseText } from '../reports/support/analyse-text.js';

/** Two clients that share one connection; each transaction of 100 ms awaits a timer for 96. */
const STARVED = ['pool 1 max 1 at makePool@/app/db.ts:3', ...Array.from({ length: 120 }, (_, i) => `checkout ${i + 1} pool 1 from ${Math.max(0, i - 1) * 101} wait ${i === 0 ? 0 : i === 1 ? 101 : 101} use 100 at order@/app/orders.ts:80
    ${i === 0 ? 0 : 101}..${i === 0 ? 1 : 102} sql BEGIN -> T
    ${i === 0 ? 2 : 103}..${i === 0 ? 98 : 199} wait timer "96 ms" started order@/app/orders.ts:88 awaited order@/app/orders.ts:88
    ${i === 0 ? 98 : 199}..${i === 0 ? 99 : 200} sql COMMIT`), 'end 0 at 20000'].join('\n');

test('without the line that holds the connection, and with a larger pool', async (t) => {
  const analysis = await analyseText(t, STARVED);
  const fingerprint = analysis.report.findings.find(({ rule }) => rule === 'await-in-transaction')?.fingerprint ?? '';
  const [without] = askWhatIf(analysis, { without: [fingerprint.slice(0, 6)] }).answers;
  t.is(without?.change.without[0]?.fingerprint, fingerprint);
  t.true((without?.heldMs ?? 0) < 120 * 5, '96 of 100 ms are given back');
  t.true((without?.loads.following.wait.p99Ms ?? 0) < 10);
  const { answers, replayed, recorded } = askWhatIf(analysis, { poolMax: 2 });
  t.is(answers[0]?.loads.following.wait.maxMs, 0);
  t.is(answers[0]?.starvesAt, 3);
  t.is(replayed.starvesAt, 2);
  t.true(Math.abs(replayed.loads.following.wait.p50Ms - recorded.wait.p50Ms) < 5, 'unchanged, it is as it was');
  t.true(Math.abs((answers[0]?.loads.following.checkoutsPerSecond ?? 0) / recorded.checkoutsPerSecond - 2) < 0.2);
});

test('without a question: what would help the most', async (t) => {
  const { answers, summary } = askWhatIf(await analyseText(t, STARVED));
  t.deepEqual(answers.map(({ change }) => change.without[0]?.rule ?? change.poolMax), ['await-in-transaction', 2]);
  t.regex(summary, /^What would help the most: without orders\.ts:88\. .*; 96 % of the connection time is gained\. The pool of 1 would starve from about \d+ concurrent requests on, instead of 2\.$/);
});

test('the text fits into 80 columns', async (t) => {
  const text = renderWhatIfTerminal(askWhatIf(await analyseText(t, STARVED)), { color: false, width: 80 });
  t.deepEqual(text.split('\n').filter((line) => line.length > 80), []);
  t.regex(text, /\nthe same, simulated /);
});

test('questions that make no sense are answered with what is allowed', async (t) => {
  const analysis = await analyseText(t, STARVED);
  const starvation = analysis.report.findings.find(({ rule }) => rule === 'pool-starvation')?.fingerprint ?? '';
  t.throws(() => askWhatIf(analysis, { without: ['zzz'] }), { message: /no finding of this run has the fingerprint zzz, expected [0-9a-f]{16} \(await-in-transaction\)/ });
  t.throws(() => askWhatIf(analysis, { without: [starvation] }), { message: /holds no connection that could be given back/ });
  t.throws(() => askWhatIf(analysis, { without: [''] }), { message: /is the beginning of \d+ fingerprints/ });
  t.throws(() => askWhatIf(analysis, { pool: '1:1' }), { message: /there is no pool "1:1" in this run, expected 100:1/ });
  const idle = await analyseText(t, 'pool 1 max 2');
  t.throws(() => askWhatIf(idle), { message: /nothing to simulate/ });
});

test('what the simulation does not know is said', async (t) => {
  const nested = await analyseText(t, `
    pool 1 max 2
    checkout 1 pool 1 from 0 wait 0 use 50
    checkout 2 pool 1 from 5 wait 0 use 5 inside 1`);
  const said = askWhatIf(nested, { poolMax: 4 }).assumptions.join(' ');
  t.regex(said, /1 checkout asked for a connection while holding one/);
  t.regex(said, /2 checkouts are few/);
  t.notRegex(askWhatIf(await analyseText(t, STARVED)).assumptions.join(' '), /while holding one|are few/);
});

test('ranges in words', (t) => {
  t.deepEqual([sayRange(3, 3.01), sayRange(12, 3.8), sayRange(0, 11_000), sayRange(100, 300)], ['3 ms', '3.8 to 12 ms', '0 ms to 11 s', '100 to 300 ms']);
});
