/** From a judged analysis to an exit code. */
import type { Analysis } from '../../reports/model.js';
import { EXIT } from '../errors.js';

export interface Judgement {
  status: number;
  /** For the exit code 2: why nothing can be said. */
  reason: string | null;
}

/** What is found stands, whatever was missed; else doubt is not clean: a check that did not see everything must not pass. */
export function judge({ report, gate }: Analysis): Judgement {
  const passed = gate?.passed ?? report.findings.every(({ severity }) => severity !== 'error');
  if (!passed) return { status: EXIT.findings, reason: null };
  if (report.missing.length > 0) return { status: EXIT.failed, reason: `inconclusive: ${report.missing.join('; ')}` };
  return { status: EXIT.clean, reason: null };
}
