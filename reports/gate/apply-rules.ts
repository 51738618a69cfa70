import { SEVERITIES, type Analysis, type Finding } from '../model.js';
import { judge } from '../verdict.js';
import type { Config, RuleSetting } from './config.js';

/** The analysis as if the rules had the configured severities; those that are off found nothing. */
export function applyRules(analysis: Analysis, rules: Config['rules']): Analysis {
  if (rules === undefined) return analysis;
  const { report, timeline } = analysis;
  const findings = report.findings
    .filter(({ rule }) => rules[rule] !== 'off')
    .map((finding) => withSeverity(finding, rules[finding.rule]))
    .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return { ...analysis, report: { ...report, ...judge(timeline, findings, report.pools), findings } };
}

function withSeverity(finding: Finding, setting: RuleSetting | undefined): Finding {
  return setting === undefined || setting === 'off' ? finding : { ...finding, severity: setting };
}
