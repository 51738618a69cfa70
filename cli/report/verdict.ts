/** From a report to an exit code. Limits, a configuration and a baseline would be heeded here, and nowhere else. */
import type { Report } from '../../reports/model.js';
import { EXIT } from '../errors.js';

export interface Judgement {
  status: number;
  /** For the exit code 2: why nothing can be said. */
  reason: string | null;
}

/** Findings of severity error are over the limits. Doubt is not clean: a check that saw nothing must not pass. */
export function judge(report: Report): Judgement {
  if (report.findings.some(({ severity }) => severity === 'error')) return { status: EXIT.findings, reason: null };
  if (report.verdict === 'inconclusive') return { status: EXIT.failed, reason: `inconclusive: ${report.missing.join('; ')}` };
  return { status: EXIT.clean, reason: null };
}
