import type { Analysis, Finding } from '../model.js';
import { judgePlainly } from './judge.js';
import type { FindingStanding } from './model.js';

export interface JudgedFinding extends FindingStanding {
  finding: Finding;
}

/** The report's findings, each with its standing, in their order. */
export function standings({ report, gate }: Analysis): JudgedFinding[] {
  const judged = gate?.findings ?? judgePlainly(report.findings);
  return report.findings.flatMap((finding, index) => {
    const standing = judged[index];
    return standing === undefined ? [] : [{ ...standing, finding }];
  });
}
