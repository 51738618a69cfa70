/** A report in a few lines, for logs: the verdict, and a line for each finding. Pure. */
import { Chalk } from 'chalk';
import type { Report, Severity } from '../../reports/model.js';
import { sayPlace } from '../../reports/words.js';
import type { Terminal } from '../terminal.js';

export function describeShortly({ summary, verdict, missing, findings }: Report, terminal: Terminal): string {
  const paint = new Chalk({ level: terminal.color ? 1 : 0 });
  const colors: Record<Severity, (text: string) => string> = { error: paint.red, warning: paint.yellow, note: paint.dim };
  const lines = findings.map(({ rule, severity, title, callSite, via }) => {
    const place = callSite === null ? (via === null ? '' : `${via.package}: `) : `${sayPlace(callSite)}: `;
    return `${colors[severity](severity.padEnd(7))}  ${place}${title} (${rule})`;
  });
  const doubts = verdict === 'inconclusive' ? missing.map((what) => `missing: ${what}`) : [];
  return [paint.bold(summary), ...doubts, ...lines].map((line) => `${line}\n`).join('');
}
