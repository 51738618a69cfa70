/** The matrix as a table in Markdown: rows of node, columns of pg. */
import type { Outcome } from './run-tests.js';

export interface Cell {
  node: string;
  pg: string;
  outcome: Outcome;
}

export const isGood = ({ failed, scores, timedOut, passed }: Outcome): boolean =>
  failed.length === 0 && !timedOut && passed > 0 && (scores === null || (scores.missed === 0 && scores.falseAlarms === 0));

export function renderTable(cells: readonly Cell[]): string {
  const pgs = [...new Set(cells.map(({ pg }) => pg))];
  const rows = [...new Set(cells.map(({ node }) => node))].map((node) => {
    const texts = pgs.map((pg) => {
      const cell = cells.find((one) => one.node === node && one.pg === pg);
      return cell === undefined ? '' : textOf(cell.outcome);
    });
    return `| Node ${node} | ${texts.join(' | ')} |`;
  });
  return [`| | ${pgs.map((pg) => `pg ${pg}`).join(' | ')} |`, `|---${'|---'.repeat(pgs.length)}|`, ...rows, ''].join('\n');
}

function textOf({ passed, failed, scores, timedOut }: Outcome): string {
  const truth = scores === null ? [] : [`${scores.found} / ${scores.missed} / ${scores.falseAlarms}`];
  const tests = `${passed} / ${failed.length}`;
  return [...truth, timedOut ? `${tests}, not ended` : tests].join(' · ');
}
