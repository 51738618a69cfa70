import { RULE_IDS, SEVERITIES, type Analysis, type Finding } from '../model.js';
import { judge } from '../verdict.js';
import { sayMany } from '../words.js';
import type { Config, RuleSetting } from './config.js';

/** The analysis as if the rules had the configured severities; those that are off found nothing. */
export function applyRules(analysis: Analysis, rules: Config['rules']): Analysis {
  if (rules === undefined) return analysis;
  const { report, timeline } = analysis;
  const findings = report.findings
    .filter(({ rule }) => rules[rule] !== 'off')
    .map((finding) => withSeverity(finding, rules[finding.rule]))
    .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const judgement = judge(timeline, findings, report.pools);
  const dropped = report.findings.length - findings.length;
  if (judgement.verdict === 'healthy' && dropped > 0) judgement.summary = sayOff(dropped, rules);
  return { ...analysis, report: { ...report, ...judgement, findings } };
}

/** What a healthy run is praised for would not be true. */
function sayOff(dropped: number, rules: NonNullable<Config['rules']>): string {
  const off = RULE_IDS.filter((rule) => rules[rule] === 'off').join(', ');
  return `Nothing to complain about but what is switched off: ${sayMany(dropped, 'finding')} left out (${off}).`;
}

function withSeverity(finding: Finding, setting: RuleSetting | undefined): Finding {
  return setting === undefined || setting === 'off' ? finding : { ...finding, severity: setting };
}
