/** The table at the end of a run of several scenarios. Pure. */
import { Chalk, type ChalkInstance } from 'chalk';
import { sayMs } from '../../reports/words.js';
import { expectationsOf, findMarkedLine } from '../../scenarios/scenario.js';
import { headlineRow, sayRate, type StepCell } from '../../scenarios/summary.js';
import type { Terminal } from '../terminal.js';
import { isAt } from './judge.js';
import type { Outcome } from './run.js';

const WIDTHS = [21, 13, 17] as const;
const TITLES = ['scenario', 'req/s', '99 % within', 'found (rule:line)'] as const;

type Ran = Extract<Outcome, { reported: unknown }>;

/** A row a scenario: throughput and latency, faulty → fixed, and what was found at which line of the faulty one. */
export function tabulateOutcomes(outcomes: readonly Outcome[], terminal: Terminal): string {
  const paint = new Chalk({ level: terminal.color ? 1 : 0 });
  const lines = [paint.bold(row(...TITLES)), ...outcomes.flatMap((outcome) => ('obstacle' in outcome ? [paint.yellow(row(outcome.scenario.name, 'not run'))] : drawRows(outcome, paint)))];
  const ran = outcomes.filter((outcome): outcome is Ran => 'reported' in outcome);
  const failed = ran.filter(({ mismatches }) => mismatches.length > 0);
  const verdict = failed.length === 0 ? paint.green(`All ${ran.length} showed what they must.`) : paint.red(`${failed.length} of ${ran.length} did not show what they must: ${failed.map(({ scenario }) => scenario.name).join(', ')}.`);
  const skipped = outcomes.length - ran.length;
  return `${lines.join('\n')}\n\n${verdict}${skipped > 0 ? ` ${skipped} could not be run here, see above.` : ''}\n`;
}

function drawRows(outcome: Ran, paint: ChalkInstance): string[] {
  const { scenario, reported, mismatches } = outcome;
  const { cells } = headlineRow({ scenario, variants: reported.map(({ run }) => run) });
  const change = (say: (cell: StepCell) => string): string => [cells.faulty, cells.fixed].flatMap((cell) => (cell === undefined ? [] : [cell.requestsPerSecond === 0 ? '–' : say(cell)])).join(' → ');
  const found = mismatches.length > 0 ? [paint.red('not as expected, see above')] : describeFound(outcome);
  const [first = 'nothing', ...more] = found;
  return [
    row(scenario.name, change(({ requestsPerSecond }) => sayRate(requestsPerSecond)), change(({ p99Ms }) => sayMs(p99Ms)), first),
    ...more.map((text) => row('', '', '', text)),
  ];
}

/** What was expected and found: "await-in-transaction:17". */
function describeFound({ scenario, reported }: Ran): string[] {
  const faulty = reported.find(({ run }) => run.variant === 'faulty');
  if (faulty === undefined) return [];
  const { run, report } = faulty;
  return expectationsOf(scenario, 'faulty').flatMap(({ rule, cause, marker }) => {
    const line = marker === null ? null : findMarkedLine(run.source, marker);
    const finding = report.findings.find((found) => found.rule === rule && (line === null || isAt(found.callSite, run.source, line)));
    if (finding === undefined) return [];
    return cause === undefined ? [line === null ? rule : `${rule}:${line}`] : [`${cause}${line === null ? '' : `:${line}`}`];
  });
}

function row(...cells: readonly string[]): string {
  return cells.map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0)).join(' ').trimEnd();
}

