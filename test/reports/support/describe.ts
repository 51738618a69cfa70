import type { Analysis, Finding, Timeline } from '../../../reports/model.js';

/** A finding in a line: "error await-in-transaction app.js:12 renderInvoice 2 × 200 ms". */
export function describeFinding({ rule, severity, callSite, count, totalMs }: Finding): string {
  const place = callSite === null ? '-' : `${callSite.file}:${callSite.line} ${callSite.function}`;
  return `${severity} ${rule} ${place} ${count} × ${Math.round(totalMs)} ms`;
}

export function describeFindings({ report }: Analysis): string[] {
  return report.findings.map(describeFinding);
}

/** The first checkout's transactions and gaps: "T 0..10 BEGIN, COMMIT", "gap 1..9 in transaction: timer 1..9". */
export function describeCheckout({ checkouts }: Timeline, index = 0): string[] {
  const checkout = checkouts[index];
  const span = ({ startMs, ms }: { startMs: number; ms: number }): string => `${round(startMs)}..${round(startMs + ms)}`;
  const transactions = (checkout?.transactions ?? []).map(
    (transaction) => `${transaction.status} ${span(transaction)} ${transaction.queries.map(({ statement }) => statement.text).join(', ')}`,
  );
  const gaps = (checkout?.gaps ?? []).map((gap) => {
    const waits = gap.waits.map((wait) => `${wait.kind} ${span(wait)}`).join(', ');
    return `gap ${span(gap)}${gap.inTransaction ? ' in transaction' : ''}${gap.open ? ' open' : ''}${waits === '' ? '' : `: ${waits}`}`;
  });
  return [...transactions, ...gaps];
}

export function round(ms: number): number {
  return Number(ms.toFixed(3));
}
