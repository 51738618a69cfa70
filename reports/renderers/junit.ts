import { LIMIT_TEXTS } from '../gate/config.js';
import type { LimitCheck } from '../gate/model.js';
import { nameFinding } from '../gate/name-finding.js';
import { RULE_TEXTS } from '../gate/rule-texts.js';
import { standings, type JudgedFinding } from '../gate/standings.js';
import type { Analysis, Report, RuleId } from '../model.js';
import { RULES } from '../rules/index.js';
import { describeFinding } from './describe-finding.js';
import { element, escapeText } from './xml.js';

/** What became of a test case; dashboards know these three and "passed". */
type Outcome = 'failure' | 'error' | 'skipped' | null;

interface TestCase {
  name: string;
  seconds: number;
  outcome: Outcome;
  type: string;
  message: string;
  text: string;
}

interface TestSuite {
  name: string;
  cases: TestCase[];
  /** What did not fail and is worth reading. */
  remarks: string[];
}

/**
 * JUnit XML as dashboards read it (valid against the schemas of Jenkins and of Ant, which differ): a suite a rule, in it a
 * test case a finding, or one that passed. Names hold no measured number, so that dashboards recognise them in the next run.
 */
export function renderJunit(analysis: Analysis): string {
  const { report, gate } = analysis;
  const judged = standings(analysis);
  const suites = [
    recordingSuite(report),
    ...RULES.map(({ id }) => (gate?.off.includes(id) === true ? offSuite(id) : ruleSuite(id, judged.filter(({ finding }) => finding.rule === id), report.run.cwd))),
    ...(gate === undefined || gate.limits.length === 0 ? [] : [limitSuite(gate.limits)]),
  ];
  const body = suites.map((suite, id) => drawSuite(suite, id, report));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', {}, ['', ...body, ''])}\n`;
}

/** A run of which not everything was seen must not look like one that passed. */
function recordingSuite({ missing, summary }: Report): TestSuite {
  const name = 'everything was seen';
  const passed: TestCase = { name, seconds: 0, outcome: null, type: '', message: '', text: '' };
  const cases: TestCase[] = missing.length === 0 ? [passed] : [{ ...passed, outcome: 'error', type: 'inconclusive', message: missing.join('; '), text: summary }];
  return { name: 'recording', cases, remarks: [summary] };
}

function ruleSuite(rule: RuleId, judged: readonly JudgedFinding[], cwd: string): TestSuite {
  const passed: TestCase = { name: `no finding: ${RULE_TEXTS[rule].title}`, seconds: 0, outcome: null, type: '', message: '', text: '' };
  const cases = judged.map((one): TestCase => {
    const { finding, fails, standing, reason } = one;
    const text = [...describeFinding(finding), ...(reason === '' ? [] : [reason])].join('\n');
    const outcome = fails ? 'failure' : standing === 'new' ? null : 'skipped';
    return { name: `${nameFinding(finding, cwd)} [${finding.fingerprint}]`, seconds: finding.totalMs / 1000, outcome, type: rule, message: outcome === 'skipped' ? reason : finding.title, text };
  });
  const remarks = judged.filter(({ fails }) => !fails).map(({ finding, standing }) => `${finding.severity}, ${standing}: ${describeFinding(finding).join('\n')}\n`);
  return { name: rule, cases: cases.length === 0 ? [passed] : cases, remarks };
}

function offSuite(rule: RuleId): TestSuite {
  return { name: rule, cases: [{ name: RULE_TEXTS[rule].title, seconds: 0, outcome: 'skipped', type: 'off', message: 'off in the configuration', text: '' }], remarks: [] };
}

function limitSuite(limits: readonly LimitCheck[]): TestSuite {
  const cases = limits.map(({ limit, key, scope, title, exceeded, measured, callSite }): TestCase => {
    const place = callSite === null ? [] : [`at ${callSite.file}:${callSite.line}`];
    const outcome = exceeded ? 'failure' : measured === null ? 'skipped' : null;
    return { name: `${key}: ${LIMIT_TEXTS[limit]}, ${scope}`, seconds: 0, outcome, type: limit, message: title, text: [title, ...place].join('\n') };
  });
  return { name: 'limits', cases, remarks: limits.filter(({ exceeded }) => !exceeded).map(({ title }) => title) };
}

function drawSuite({ name, cases, remarks }: TestSuite, id: number, { run }: Report): string {
  const attributes = {
    name,
    package: 'pg-lifeguard',
    id,
    // Seconds exactly, and no time zone.
    timestamp: run.startedAt.slice(0, 19),
    hostname: 'localhost',
    ...countOutcomes(cases),
    skipped: cases.filter(({ outcome }) => outcome === 'skipped').length,
    time: seconds(cases.reduce((sum, testCase) => sum + testCase.seconds, 0)),
  };
  return element('testsuite', attributes, ['', element('properties', {}), ...cases.map((testCase) => drawCase(testCase, name)), element('system-out', {}, remarks.length === 0 ? [] : [escapeText(remarks.join('\n'))]), element('system-err', {}), '']);
}

function drawCase({ name, seconds: length, outcome, type, message, text }: TestCase, suite: string): string {
  const attributes = { classname: `pg-lifeguard.${suite}`, name: name.replace(/\s+/g, ' ').trim(), time: seconds(length) };
  if (outcome === null) return element('testcase', attributes);
  // Ant's schema knows no type of what was skipped.
  return element('testcase', attributes, [element(outcome, outcome === 'skipped' ? { message } : { type, message }, [escapeText(text)])]);
}

function countOutcomes(cases: readonly TestCase[]): { tests: number; failures: number; errors: number } {
  const count = (wanted: Outcome): number => cases.filter(({ outcome }) => outcome === wanted).length;
  return { tests: cases.length, failures: count('failure'), errors: count('error') };
}

function seconds(value: number): string {
  return value.toFixed(3);
}
