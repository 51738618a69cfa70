/** A sweep for people at a terminal: the sentence, a row a step, and where the pool is exhausted. Pure. */
import { Chalk, type ChalkInstance } from 'chalk';
import type { RenderOptions } from '../renderers/index.js';
import { joinBlocks } from '../renderers/terminal-text.js';
import { clip, wrap } from '../renderers/wrap.js';
import { sayCount, sayMany, sayMs, sayShare } from '../words.js';
import type { SweepReport, SweepStep, SweepVerdict } from './model.js';
import { waits } from './search.js';
import { sayRate } from './sentences.js';

const WIDEST = 100;
const BAR = 14;
const COLUMNS = [9, 7, 9, 9] as const;

export function renderSweepTerminal(sweep: SweepReport, { color, width }: RenderOptions): string {
  const paint = new Chalk({ level: color ? 1 : 0 });
  const columns = Math.min(WIDEST, width);
  const what = `${sweep.run.url} · ${sayMany(sweep.steps.length, 'step')} · ${sayMs(sweep.run.durationMs)}`;
  const badge = BADGES[sweep.verdict](paint, ` ${sweep.verdict.toUpperCase()} `);
  const blocks = [
    [`${badge} ${paint.dim(clip(what, columns - sweep.verdict.length - 3))}`],
    wrap(sweep.summary, columns).map((line) => paint.bold(line)),
    drawSteps(sweep, columns, paint),
    sweep.notes.flatMap((note) => wrap(note, columns)),
  ];
  return joinBlocks(blocks, color);
}

const BADGES: Record<SweepVerdict, (paint: ChalkInstance, text: string) => string> = {
  starves: (paint, text) => paint.whiteBright.bgRed(text),
  stops: (paint, text) => paint.whiteBright.bgRed(text),
  queues: (paint, text) => paint.black.bgGreen(text),
  clear: (paint, text) => paint.black.bgGreen(text),
  inconclusive: (paint, text) => paint.black.bgYellow(text),
};

function drawSteps({ steps, firstWaitAt, pool }: SweepReport, columns: number, paint: ChalkInstance): string[] {
  if (steps.length === 0) return [];
  const cells = (values: readonly string[]): string => values.map((value, column) => value.padStart(COLUMNS[column] ?? 0)).join('');
  const most = Math.max(1, ...steps.map(({ requestsPerSecond }) => requestsPerSecond));
  const lines = [
    paint.dim(`${cells(['requests', '', '', ''])}${' '.repeat(2 + BAR + 2)}waited for`),
    paint.dim(`${cells(['at a time', 'req/s', 'half in', '99 % in'])}  ${'throughput'.padEnd(BAR)}  a connection`),
  ];
  for (const step of steps) {
    if (step.concurrency === firstWaitAt) lines.push(paint.yellow(`── from here on requests wait${pool === null ? '' : `: the pool holds ${pool.max}`} `.padEnd(Math.min(columns, 74), '─')));
    const bar = '█'.repeat(Math.max(step.requestsPerSecond > 0 ? 1 : 0, Math.round((step.requestsPerSecond / most) * BAR)));
    const numbers = step.requests === 0 ? cells([String(step.concurrency), '0', '–', '–']) : cells([String(step.concurrency), sayRate(step.requestsPerSecond), sayMs(step.p50Ms), sayMs(step.p99Ms)]);
    const line = `${numbers}  ${paint.cyan(bar)}${' '.repeat(BAR - bar.length)}  `;
    const [first = '', ...rest] = wrap(describeWaiting(step), columns - COLUMNS.reduce((sum, one) => sum + one, 0) - BAR - 4);
    const tint = (text: string): string => (waits(step) || step.stopped !== null ? paint.red(text) : paint.dim(text));
    lines.push((line + tint(first)).trimEnd(), ...rest.map((text) => ' '.repeat(COLUMNS.reduce((sum, one) => sum + one, 0) + BAR + 4) + tint(text)));
  }
  return lines;
}

function describeWaiting({ waited, checkouts, waitMaxMs, stopped, failed }: SweepStep): string {
  const parts = [
    ...(waited === 0 ? [] : [`${sayShare(waited / Math.max(1, checkouts))}, up to ${sayMs(waitMaxMs)}`]),
    ...(stopped === 'stalled' ? ['STOPPED ANSWERING'] : stopped === 'ended' ? ['PROCESS ENDED'] : []),
    ...(failed > 0 && stopped === null ? [`${sayCount(failed)} failed`] : []),
  ];
  return parts.length === 0 ? '–' : parts.join('; ');
}
