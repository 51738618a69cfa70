import type { CallSite, Finding } from './model.js';

/** The finding whose line is to be changed first: the one that the verdict begins with, or the next that names a line. */
export function firstToChange(findings: readonly Finding[]): (Finding & { callSite: CallSite }) | null {
  const first = findings.find(({ severity, callSite }) => severity !== 'note' && callSite !== null);
  return first === undefined ? null : (first as Finding & { callSite: CallSite });
}
