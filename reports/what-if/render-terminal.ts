/** What-if for people at a terminal: the sentence, and a row an answer. Pure. */
import { Chalk } from 'chalk';
import type { RenderOptions } from '../renderers/index.js';
import { joinBlocks } from '../renderers/terminal-text.js';
import { clip, clipStart, wrap } from '../renderers/wrap.js';
import { sayMany, sayMs, sayShare } from '../words.js';
import type { Answer, WhatIf } from './model.js';
import { sayChange, sayRange } from './sentences.js';

const WIDEST = 100;
const WIDTHS = [15, 16, 9, 11] as const;

export function renderWhatIfTerminal(whatIf: WhatIf, { color, width }: RenderOptions): string {
  const paint = new Chalk({ level: color ? 1 : 0 });
  const columns = Math.min(WIDEST, width);
  const { pool, recorded, replayed, answers, summary, assumptions } = whatIf;
  const first = columns - WIDTHS.reduce((sum, one) => sum + one, 0);
  const cells = (name: string, values: readonly string[]): string => clipStart(name, first).padEnd(first) + values.map((value, column) => value.padStart(WIDTHS[column] ?? 0)).join('');
  const draw = (name: string, { loads, heldMs, starvesAt }: Answer): string =>
    cells(name, [
      sayRange(loads.steady.wait.p99Ms, loads.following.wait.p99Ms),
      sayRates(loads.steady.checkoutsPerSecond, loads.following.checkoutsPerSecond),
      recorded.heldMs > 0 ? sayShare(heldMs / recorded.heldMs) : '–',
      starvesAt === null ? 'never' : String(starvesAt),
    ]);
  const size = sayMany(pool.max, 'connection');
  const table = [
    paint.dim(cells('', ['99 % wait', 'checkouts', 'time', 'starves'])),
    paint.dim(cells('', ['at most', 'a second', 'held', 'from'])),
    cells('recorded', [sayMs(recorded.wait.p99Ms), String(Math.round(recorded.checkoutsPerSecond)), '100 %', '']),
    draw('the same, simulated', replayed),
    ...answers.map((answer) => paint.bold(draw(nameRow(answer, answers), answer))),
  ];
  const names = answers.flatMap(({ change }) => change.without);
  const keys = names.map(({ fingerprint, title }) => paint.dim(clip(`${fingerprint}  ${title}`, columns)));
  const blocks = [
    [`${paint.black.bgCyan(' WHAT IF ')} ${paint.dim(clip(`pool of ${pool.name}, ${size} · ${sayMany(pool.checkouts, 'checkout')}`, columns - 10))}`],
    wrap(summary, columns).map((line) => paint.bold(line)),
    table,
    keys,
    assumptions.flatMap((text) => wrap(text, columns)).map((line) => paint.dim(line)),
  ];
  return joinBlocks(blocks, color);
}

/** Two findings at one line are told apart by the beginning of their fingerprints, which are explained below. */
function nameRow(answer: Answer, all: readonly Answer[]): string {
  const name = sayChange(answer);
  const alike = all.filter((other) => sayChange(other) === name).length > 1;
  return alike ? `${name} (${answer.change.without.map(({ fingerprint }) => fingerprint.slice(0, 6)).join(', ')})` : name;
}

function sayRates(a: number, b: number): string {
  const [low, high] = [Math.min(a, b), Math.max(a, b)].map((rate) => (rate < 9.95 ? rate.toFixed(1) : String(Math.round(rate))));
  return low === high ? String(high) : `${low} to ${high}`;
}
