import test from 'ava';
import { stripVTControlCharacters } from 'node:util';
import type { Finding, Report } from '../../reports/model.js';
import { findLackOfGain, findMismatches } from '../../cli/scenario/judge.js';
import { describeOutcome } from '../../cli/scenario/outcome.js';
import { tabulateOutcomes } from '../../cli/scenario/overview.js';
import { renderSideBySide } from '../../cli/scenario/side-by-side.js';
import { findScenario } from '../../scenarios/catalogue.js';
import type { LoadResult } from '../../scenarios/load/load.js';
import type { VariantRun } from '../../scenarios/run.js';
import { findMarkedLine, sourceFile, type Variant } from '../../scenarios/scenario.js';

const scenario = findScenario('eleventh-request');

function runOf(variant: Variant, ms: (connections: number) => number): VariantRun {
  const steps = scenario.steps.map(({ connections, seconds }): LoadResult => {
    const latency = { p50Ms: ms(connections), p90Ms: ms(connections), p99Ms: ms(connections), maxMs: ms(connections), meanMs: ms(connections) };
    return { url: 'http://127.0.0.1/', connections, seconds, requests: 10, requestsPerSecond: (connections * 1000) / ms(connections), errors: 0, timeouts: 0, non2xx: 0, latency, firstError: null };
  });
  return { variant, directory: '/traces', source: sourceFile(scenario, variant), steps, remark: null };
}

function finding(rule: Finding['rule'], line: number, severity: Finding['severity'] = 'error'): Finding {
  return {
    rule,
    severity,
    fingerprint: rule,
    title: `the title of ${rule}`,
    callSite: { file: 'scenarios/eleventh-request/faulty.ts', line, column: 11, function: 'answer' },
    frames: [],
    via: null,
    count: 40,
    totalMs: 4000,
    maxMs: 120,
    evidence: { shareOfUse: 0.93, examples: [], decomposition: null, statements: [], facts: {} },
    advice: '',
  };
}

function reportOf(findings: Finding[], episodes: Report['episodes'] = []): Report {
  return {
    schemaVersion: 1,
    tool: { name: 'pg-lifeguard', version: '0.0.0' },
    run: { startedAt: '', durationMs: 0, cwd: '', processes: [] },
    verdict: findings.length > 0 ? 'findings' : 'healthy',
    summary: findings.length > 0 ? 'Something is wrong.' : 'Nothing to complain about.',
    missing: [],
    notes: [],
    pools: [],
    episodes,
    findings,
    lost: { events: 0, probeErrors: 0, badLines: 0 },
  };
}

const faulty = runOf('faulty', (connections) => (connections > 10 ? 200 : 100));
const fixed = runOf('fixed', () => 100);
const line = findMarkedLine(faulty.source, 'the fault');
const episode: Report['episodes'][number] = {
  pool: '1:1',
  startMs: 0,
  endMs: 1,
  cause: 'held-idle',
  pendingMax: 1,
  blame: [{ callSite: finding('pool-starvation', line).callSite, doing: 'awaiting a timer (100 ms)', share: 1 }],
};
const asExpected = reportOf([finding('await-in-transaction', line), finding('pool-starvation', line)], [episode]);

test('a report that says what it must is no mismatch', (t) => {
  t.deepEqual(findMismatches(scenario, faulty, asExpected), []);
  t.deepEqual(findMismatches(scenario, fixed, reportOf([])), []);
});

test('what is missing, at another line, or for another cause is told', (t) => {
  t.is(findMismatches(scenario, faulty, reportOf([])).length, 2);
  const elsewhere = reportOf([finding('await-in-transaction', line + 1), finding('pool-starvation', line)], [episode]);
  t.deepEqual(findMismatches(scenario, faulty, elsewhere), [`faulty: expected await-in-transaction at faulty.ts:${line}, not found`]);
  const otherwise = reportOf(asExpected.findings, [{ ...episode, cause: 'slow-sql' }]);
  t.deepEqual(findMismatches(scenario, faulty, otherwise), [`faulty: expected pool-starvation (held-idle) at faulty.ts:${line}, not found`]);
});

test('what nobody expects is told; notes are not judged', (t) => {
  t.deepEqual(findMismatches(scenario, fixed, reportOf([finding('nested-checkout', 1)])), ['fixed: unexpected nested-checkout: the title of nested-checkout']);
  t.deepEqual(findMismatches(scenario, fixed, reportOf([finding('nested-checkout', 1, 'note')])), []);
});

test('a variant of which nothing was seen is not fine', (t) => {
  const silent: VariantRun = { ...fixed, steps: fixed.steps.map((step) => ({ ...step, requests: 5, non2xx: 5 })) };
  t.deepEqual(findMismatches(scenario, silent, reportOf([])), ['fixed: no request was answered well']);
  const doubtful: Report = { ...reportOf([]), verdict: 'inconclusive', missing: ['no statement was recorded'] };
  t.deepEqual(findMismatches(scenario, fixed, doubtful), ['fixed: inconclusive: no statement was recorded']);
});

const both = [
  { run: faulty, report: asExpected, html: '/tmp/faulty.html' },
  { run: fixed, report: reportOf([]), html: '/tmp/fixed.html' },
];

test('what the fix must gain and does not is told', (t) => {
  const gained = { scenario, variants: [faulty, fixed] };
  t.is(findLackOfGain(gained), null);
  t.is(findLackOfGain({ scenario, variants: [faulty] }), null, 'one alone is compared with nothing');
  t.is(findLackOfGain({ scenario, variants: [faulty, { ...faulty, variant: 'fixed' }] }), 'expected 1.05 × the throughput, got 100 → 100 requests/s');
  const broken = { ...fixed, steps: fixed.steps.map((step) => ({ ...step, errors: 3 })) };
  t.regex(findLackOfGain({ scenario, variants: [faulty, broken] }) ?? '', /and 3 requests of the fixed variant failed$/);
  const answers = { ...scenario, gain: { in: 'answers', factor: 1 } } as const;
  t.is(findLackOfGain({ scenario: answers, variants: [{ ...broken, variant: 'faulty' }, fixed] }), null);
  t.regex(findLackOfGain({ scenario: answers, variants: [faulty, fixed] }) ?? '', /^expected answers where there were failures, got 0 → 0 failed/);
});

test('the table of all: what changed, what was found where, what was not run', (t) => {
  const outcomes = [
    { scenario, reported: both, mismatches: [] },
    { scenario: { ...scenario, name: 'pgbouncer' }, obstacle: 'there is no pgbouncer' },
  ];
  const text = tabulateOutcomes(outcomes, { color: false, width: 80 });
  for (const one of text.split('\n')) t.true(one.length <= 80, one);
  t.regex(text, new RegExp(`^eleventh-request +100 → 200 +200 ms → 100 ms +await-in-transaction:${line}\n +held-idle:${line}\npgbouncer +not run\n\nAll 1 showed`, 'm'));
  const failed = tabulateOutcomes([{ scenario, reported: both, mismatches: ['a mismatch'] }], { color: false, width: 80 });
  t.regex(failed, /1 of 1 did not show what they must: eleventh-request\./);
});

test('the outcome: the table with the full pool, who held it, the reports, in 80 columns', (t) => {
  const text = describeOutcome({ scenario, reported: both, mismatches: [] }, { color: false, width: 200 });
  const lines = text.split('\n');
  for (const one of lines) t.true(one.length <= 80, one);
  const full = lines.findIndex((one) => one.includes("the pool's 10 connections are all taken"));
  t.regex(lines[full - 1] ?? '', /^ +10 +100 +100 ms +100 ms +100 +100 ms +100 ms$/);
  t.regex(lines[full + 1] ?? '', /^ +11 +55 +200 ms +200 ms +110 +100 ms +100 ms$/);
  t.true(text.includes(`scenarios/eleventh-request/faulty.ts:${line}  in answer\n  awaiting a timer (100 ms): 40 times, 100 ms each, at most 120 ms\n`), text);
  t.true(text.includes('93 % of all the time in which connections were held'));
  t.true(text.includes('/tmp/faulty.html') && text.includes('/tmp/fixed.html'));
});

test('colours change no column', (t) => {
  const plain = describeOutcome({ scenario, reported: both, mismatches: ['a mismatch'] }, { color: false, width: 80 });
  const colored = describeOutcome({ scenario, reported: both, mismatches: ['a mismatch'] }, { color: true, width: 80 });
  t.not(colored, plain);
  t.is(stripVTControlCharacters(colored), plain);
});

test('the page with both: the reports in their frames, the numbers, the sources with their marked lines, nothing as markup', (t) => {
  const page = renderSideBySide({ scenario: { ...scenario, summary: 'A <b>bold</b> one.' }, reported: both, mismatches: [] }, { faulty: 'one();\ntwo("<i>"); // ← the fault' });
  for (const variant of ['faulty', 'fixed']) t.true(page.includes(`<iframe src="${variant}.html"`));
  t.true(page.includes('<mark>two(&#34;&#60;i&#62;&#34;); // ← the fault</mark>'));
  t.notRegex(page, /<[bi]>/);
  t.regex(page, /<th>11<\/th><td>55<\/td><td>200 ms<\/td><td>200 ms<\/td><td>110<\/td>/);
});
