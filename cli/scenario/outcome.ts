/** What a scenario showed, in a few lines for anybody. Pure. */
import { Chalk, type ChalkInstance } from 'chalk';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Finding, Report, RuleId } from '../../reports/model.js';
import { sayCount, sayFunction, sayMs, sayPlace, sayShare, sayTimes } from '../../reports/words.js';
import { describeSteps, isStaircase, sayRate, tabulateSteps, type StepCell } from '../../scenarios/summary.js';
import { shortPath } from '../record/trace-directory.js';
import type { Terminal } from '../terminal.js';
import type { Outcome } from './run.js';
import { SIDE_BY_SIDE } from './side-by-side.js';

const MAX_WIDTH = 80;
const MOST_TOLD = 3;

/** @param separated with an empty line after it: another one follows. */
export function describeOutcome(outcome: Outcome, terminal: Terminal, separated = false): string {
  const { scenario } = outcome;
  const paint = new Chalk({ level: terminal.color ? 1 : 0 });
  const width = Math.min(MAX_WIDTH, terminal.width);
  const title = [paint.bold(scenario.name), ...wrap(scenario.summary, width)];
  const blocks = 'obstacle' in outcome ? [[...title, ...wrap(`Not run: ${outcome.obstacle}.`, width).map((line) => paint.yellow(line))]] : [title, ...drawBlocks(outcome, width, paint)];
  return `${blocks.filter((block) => block.length > 0).map((block) => block.join('\n')).join('\n\n')}\n${separated ? '\n' : ''}`;
}

function drawBlocks({ scenario, reported, mismatches }: Extract<Outcome, { reported: unknown }>, width: number, paint: ChalkInstance): string[][] {
  const run = { scenario, variants: reported.map(({ run }) => run) };
  return [
    reported.length === 0 ? [] : drawTable(run, paint),
    describeSteps(run).flatMap((sentence) => wrap(sentence, width)),
    ...reported.map(({ run, report }) => describeFindings(run.variant, report, width, paint)),
    [
      ...reported.map(({ run, html }) => `Report (${run.variant})`.padEnd(17) + paint.cyan(shortPath(html))),
      ...(reported.length > 1 ? ['Side by side'.padEnd(17) + paint.cyan(shortPath(join(dirname(reported[0]?.html ?? ''), SIDE_BY_SIDE)))] : []),
    ],
    mismatches.flatMap((mismatch) => wrap(mismatch, width).map((line) => paint.red(line))),
  ];
}

const CELL_TITLE = 'req/s  half in  99 % in';
const CELL_GAP = '      ';
const STAIR_TITLES = ['requests', 'at a time'] as const;

/** One row a step; of rising concurrency, the line across is where the pool has no connection left. */
function drawTable(run: Parameters<typeof tabulateSteps>[0], paint: ChalkInstance): string[] {
  const names = run.variants.map(({ variant }) => variant);
  const rows = tabulateSteps(run);
  const stairs = isStaircase(run.scenario);
  const first = Math.max(9, ...rows.map(({ title }) => title.length));
  const gap = stairs ? CELL_GAP : '   ';
  const pad = (title: string): string => (stairs ? title.padStart(first) : title.padEnd(first));
  const line = (title: string, cells: readonly string[]): string => [pad(title), ...cells.map((cell) => cell + ' '.repeat(Math.max(0, CELL_TITLE.length - stripVTControlCharacters(cell).length)))].join(gap).trimEnd();
  const [above, below] = stairs ? STAIR_TITLES : ['', ''];
  const lines = [line(above, names), paint.dim(line(below, names.map(() => CELL_TITLE)))];
  const across = `── the pool's ${run.scenario.poolSize} connections are all taken ──`;
  const full = stairs ? rows.find(({ connections }) => connections === run.scenario.poolSize) : rows[0];
  for (const { title, overflow, cells } of rows) {
    if (overflow) lines.push(paint.yellow(across.padEnd(first + names.length * (gap.length + CELL_TITLE.length), '─')));
    lines.push(line(title, names.map((name) => drawCell(cells[name], full?.cells[name]?.p99Ms, paint))));
    const failed = names.map((name) => drawFailures(cells[name]));
    if (failed.some((text) => text !== '')) lines.push(paint.red(line('', failed)));
  }
  return lines;
}

/** Latency rises with the load anyway; this much over that of the full pool is a queue. */
const WAITS_FACTOR = 1.5;

function drawCell(cell: StepCell | undefined, fullMs: number | undefined, paint: ChalkInstance): string {
  if (cell === undefined) return '';
  if (cell.requestsPerSecond === 0) return `${'–'.padStart(5)}${'no answer'.padStart(18)}`;
  const rate = sayRate(cell.requestsPerSecond);
  const mark = (ms: number): string => (ms > (fullMs ?? Infinity) * WAITS_FACTOR ? paint.red(sayMs(ms).padStart(9)) : sayMs(ms).padStart(9));
  return `${rate.padStart(5)}${mark(cell.p50Ms)}${mark(cell.p99Ms)}`;
}

function drawFailures(cell: StepCell | undefined): string {
  return cell === undefined || cell.failed === 0 ? '' : `${sayCount(cell.failed)} failed`.padStart(23);
}

/** What is wrong by the report, at which lines of the program. */
function describeFindings(variant: string, report: Report, width: number, paint: ChalkInstance): string[] {
  const serious = report.findings.filter(({ severity }) => severity !== 'note');
  const causes = serious.filter(({ rule }) => rule !== 'pool-starvation');
  // Without another cause, that of the starvation is one; it may be a note.
  const told = causes.length > 0 ? causes : report.findings.filter(({ rule }) => rule === 'pool-starvation');
  const found = told.filter(({ callSite }) => callSite !== null).slice(0, MOST_TOLD);
  if (found.length === 0) return wrap(`${paint.bold(`What was found (${variant})`)}: ${report.summary}`, width);
  return [paint.bold(`What was found (${variant})`), ...found.flatMap((finding) => describeFinding(finding, report, width, paint))];
}

const HOLDS: readonly RuleId[] = ['await-in-transaction', 'idle-in-transaction'];

function describeFinding({ rule, callSite, count, totalMs, maxMs, evidence, title }: Finding, report: Report, width: number, paint: ChalkInstance): string[] {
  if (callSite === null) return [];
  const blamed = report.episodes.flatMap(({ blame }) => blame).find((blame) => blame.callSite?.file === callSite.file && blame.callSite.line === callSite.line);
  const share = evidence.shareOfUse === null ? [] : [`${sayShare(evidence.shareOfUse)} of all the time in which connections were held`];
  const words = HOLDS.includes(rule) && blamed !== undefined
    ? [`${blamed.doing}: ${sayTimes(count)}, ${sayMs(totalMs / Math.max(1, count))} each, at most ${sayMs(maxMs)}`, ...share]
    : [title];
  return [`  ${paint.red(sayPlace(callSite))}  ${paint.dim(`in ${sayFunction(callSite)}`)}`, ...words.flatMap((text) => wrap(text, width - 2).map((line) => `  ${line}`))];
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
