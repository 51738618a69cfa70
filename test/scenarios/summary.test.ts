import test from 'ava';
import { eleventhRequest } from '../../scenarios/eleventh-request/scenario.js';
import type { LoadResult } from '../../scenarios/load/load.js';
import type { ScenarioRun, VariantRun } from '../../scenarios/run.js';
import type { Variant } from '../../scenarios/scenario.js';
import { describeSteps, tabulateSteps } from '../../scenarios/summary.js';

type Step = [connections: number, requestsPerSecond: number, p50Ms: number, p99Ms: number];

function variantRun(variant: Variant, steps: Step[]): VariantRun {
  return { variant, directory: '', source: '', steps: steps.map(loadResult), remark: null };
}

function loadResult([connections, requestsPerSecond, p50Ms, p99Ms]: Step): LoadResult {
  const latency = { p50Ms, p90Ms: p99Ms, p99Ms, maxMs: p99Ms, meanMs: p50Ms };
  return { url: 'http://x/', connections, seconds: 1, requests: 100, requestsPerSecond, errors: 0, timeouts: 0, non2xx: 0, latency, firstError: null };
}

function scenarioRun(...variants: VariantRun[]): ScenarioRun {
  return { scenario: { ...eleventhRequest, steps: [20, 10, 11, 1].map((connections) => ({ connections, seconds: 1 })), headline: 0 }, variants };
}

const FAULTY = variantRun('faulty', [[20, 98.4, 201, 210], [10, 98, 101, 105], [11, 97.6, 102, 204.4], [1, 9.9, 100, 101]]);
const FIXED = variantRun('fixed', [[20, 196.8, 103, 112], [10, 97, 101, 106], [11, 107, 102, 108], [1, 9.8, 100, 102]]);

test('one row a step, by rising concurrency, the overflowing one marked', (t) => {
  const rows = tabulateSteps(scenarioRun(FAULTY, FIXED));
  t.deepEqual(rows.map(({ connections, overflow }) => [connections, overflow]), [[1, false], [10, false], [11, true], [20, false]]);
  t.deepEqual(rows[2]?.cells, {
    faulty: { requestsPerSecond: 97.6, p50Ms: 102, p99Ms: 204.4, failed: 0 },
    fixed: { requestsPerSecond: 107, p50Ms: 102, p99Ms: 108, failed: 0 },
  });
});

test('a variant that was not run has no cells', (t) => {
  t.deepEqual(tabulateSteps(scenarioRun(FIXED)).map(({ cells }) => Object.keys(cells)), [['fixed'], ['fixed'], ['fixed'], ['fixed']]);
});

test('the sentences say who waits, and what the fix gains', (t) => {
  t.deepEqual(describeSteps(scenarioRun(FAULTY, FIXED)), [
    'Faulty: with 10 requests at a time the slowest take 105 ms, with 11 they take 204 ms: a request waits for a connection. Throughput stays where it is: 98 requests/s with 10, 98 with 20.',
    'Fixed: with 10 requests at a time the slowest take 106 ms, with 11 108 ms: none waits. Throughput goes on growing: 97 requests/s with 10, 197 with 20.',
    'The fix, at 20 requests at a time: 2.0 × the throughput, and half of the requests within 103 ms instead of 201 ms.',
  ]);
});

test('what is said follows the numbers, not the name of the variant', (t) => {
  const [sentence, ...more] = describeSteps(scenarioRun({ ...FIXED, variant: 'faulty' }));
  t.regex(sentence ?? '', /^With 10 .*none waits/);
  t.deepEqual(more, []);
  t.deepEqual(describeSteps(scenarioRun({ ...FAULTY, steps: FAULTY.steps.slice(0, 1) })), []);
});

test('steps with labels keep their order, and are said by their label', (t) => {
  const steps = ['before', 'while it is slow'].map((label) => ({ label, connections: 5, seconds: 1 }));
  const faulty = variantRun('faulty', [[5, 500, 10, 20], [5, 0, 0, 0]]);
  const fixed = { ...variantRun('fixed', [[5, 500, 10, 20], [5, 480, 11, 22]]), remark: '3 mails were sent' };
  const run = { ...scenarioRun(faulty, fixed), scenario: { ...eleventhRequest, steps } };
  t.deepEqual(tabulateSteps(run).map(({ title, overflow }) => [title, overflow]), [['before', false], ['while it is slow', false]]);
  t.deepEqual(describeSteps(run), ['The fix (while it is slow): 480 requests/s where none was answered, half of them within 11 ms.', 'Fixed: 3 mails were sent.']);
  t.deepEqual(describeSteps({ ...run, scenario: { ...run.scenario, headline: 0 } }).slice(0, 1), [
    'The fix (before): 1.0 × the throughput, and half of the requests within 10 ms instead of 10 ms.',
  ]);
});
