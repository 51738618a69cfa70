/** What a scenario showed, in a few lines for anybody. Pure. */
import { Chalk, type ChalkInstance } from 'chalk';
import { stripVTControlCharacters } from 'node:util';
import type { Finding, Report } from '../../reports/model.js';
import { sayFunction, sayMs, sayPlace, sayShare, sayTimes } from '../../reports/words.js';
import type { Scenario } from '../../scenarios/scenario.js';
import { describeSteps, tabulateSteps, type StepCell } from '../../scenarios/summary.js';
import { shortPath } from '../record/trace-directory.js';
import type { Terminal } from '../terminal.js';
import type { ReportedRun } from './run.js';

const MAX_WIDTH = 80;
const MOST_HOLDERS = 3;

export function describeOutcome(scenario: Scenario, reported: readonly ReportedRun[], mismatches: readonly string[], terminal: Terminal): string {
  const paint = new Chalk({ level: terminal.color ? 1 : 0 });
  const width = Math.min(MAX_WIDTH, terminal.width);
  const run = { scenario, variants: reported.map(({ run }) => run) };
  const blocks = [
    [paint.bold(scenario.name), ...wrap(scenario.summary, width)],
    drawTable(run, paint),
    describeSteps(run).flatMap((sentence) => wrap(sentence, width)),
    ...reported.map(({ run, report }) => describeHolders(run.variant, report, width, paint)),
    reported.map(({ run, html }) => `Report (${run.variant})`.padEnd(17) + paint.cyan(shortPath(html))),
    mismatches.map((mismatch) => paint.red(mismatch)),
  ];
  return `${blocks.filter((block) => block.length > 0).map((block) => block.join('\n')).join('\n\n')}\n`;
}

const CELL_TITLE = 'req/s  half in  99 % in';
const CELL_GAP = '      ';

/** One row a step; the line across is where the pool has no connection left. */
function drawTable(run: Parameters<typeof tabulateSteps>[0], paint: ChalkInstance): string[] {
  const names = run.variants.map(({ variant }) => variant);
  const line = (first: string, cells: readonly string[]): string => [first.padStart(9), ...cells.map((cell) => cell + ' '.repeat(Math.max(0, CELL_TITLE.length - stripVTControlCharacters(cell).length)))].join(CELL_GAP).trimEnd();
  const lines = [line('requests', names), paint.dim(line('at a time', names.map(() => CELL_TITLE)))];
  const across = `── the pool's ${run.scenario.poolSize} connections are all taken ──`;
  const rows = tabulateSteps(run);
  const full = rows.find(({ connections }) => connections === run.scenario.poolSize);
  for (const { connections, overflow, cells } of rows) {
    if (overflow) lines.push(paint.yellow(across.padEnd(9 + names.length * (CELL_GAP.length + CELL_TITLE.length), '─')));
    lines.push(line(String(connections), names.map((name) => drawCell(cells[name], full?.cells[name]?.p99Ms, paint))));
  }
  return lines;
}

/** Latency rises with the load anyway; this much over that of the full pool is a queue. */
const WAITS_FACTOR = 1.5;

function drawCell(cell: StepCell | undefined, fullMs: number | undefined, paint: ChalkInstance): string {
  if (cell === undefined) return '';
  if (cell.requestsPerSecond === 0) return `${'–'.padStart(5)}${`${cell.failed} failed`.padStart(18)}`;
  const rate = cell.requestsPerSecond < 10 ? cell.requestsPerSecond.toFixed(1) : String(Math.round(cell.requestsPerSecond));
  const failed = cell.failed > 0 ? `  ${cell.failed} failed` : '';
  const mark = (ms: number): string => (ms > (fullMs ?? Infinity) * WAITS_FACTOR ? paint.red(sayMs(ms).padStart(9)) : sayMs(ms).padStart(9));
  return `${rate.padStart(5)}${mark(cell.p50Ms)}${mark(cell.p99Ms)}${failed}`;
}

/** The lines of the program that held the pool's connections for nothing. */
function describeHolders(variant: string, report: Report, width: number, paint: ChalkInstance): string[] {
  const holders = report.findings.filter(({ severity, rule, callSite }) => severity !== 'note' && callSite !== null && rule !== 'pool-starvation').slice(0, MOST_HOLDERS);
  if (holders.length === 0) return [`${paint.bold(`Who held the pool (${variant})`)}: ${report.summary}`].flatMap((text) => wrap(text, width));
  return [paint.bold(`Who held the pool (${variant})`), ...holders.flatMap((finding) => describeHolder(finding, report, width, paint))];
}

function describeHolder({ callSite, count, totalMs, maxMs, evidence, title }: Finding, report: Report, width: number, paint: ChalkInstance): string[] {
  if (callSite === null) return [];
  const blamed = report.episodes.flatMap(({ blame }) => blame).find((blame) => blame.callSite?.file === callSite.file && blame.callSite.line === callSite.line);
  const share = evidence.shareOfUse === null ? '' : `${sayShare(evidence.shareOfUse)} of all the time in which connections were held`;
  const what = `${blamed?.doing ?? title}: ${sayTimes(count)}, ${sayMs(totalMs / Math.max(1, count))} each, at most ${sayMs(maxMs)}`;
  return [`  ${paint.red(sayPlace(callSite))}  ${paint.dim(`in ${sayFunction(callSite)}`)}`, ...[what, share].filter((text) => text !== '').flatMap((text) => wrap(text, width - 2).map((line) => `  ${line}`))];
}

/** Lines of at most `width` characters, broken between words. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
