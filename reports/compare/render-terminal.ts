/** A comparison for people at a terminal. Pure. */
import { Chalk, type ChalkInstance } from 'chalk';
import type { RenderOptions } from '../renderers/index.js';
import { joinBlocks } from '../renderers/terminal-text.js';
import { clip, clipStart, wrap } from '../renderers/wrap.js';
import { sayCount, sayMany, sayMs, sayPlace } from '../words.js';
import { isBetter } from './compare.js';
import { POOL_METRICS, type Change, type ComparedFinding, type ComparedPool, type ComparedRun, type Comparison, type ComparisonVerdict } from './model.js';
import { METRIC_NAMES, sayMetric, sayNoise, sayRatio } from './words.js';

const WIDEST = 100;
const INDENT = 9;
/** With less room, what is beside something goes below it. */
const NARROW = 20;
const SAME_SHOWN = 3;

export function renderComparisonTerminal(comparison: Comparison, { color, width }: RenderOptions): string {
  const paint = new Chalk({ level: color ? 1 : 0 });
  const columns = Math.min(WIDEST, width);
  const { before, after, verdict, summary, findings, pools } = comparison;
  const blocks = [
    [BADGES[verdict](paint, ` ${verdict.toUpperCase()} `)],
    wrap(summary, columns).map((line) => paint.bold(line)),
    [...drawRun('before', before, columns), ...drawRun('after', after, columns)].map((line) => paint.dim(line)),
    ...shown(findings).map((finding) => drawFinding(finding, columns, paint)),
    hidden(findings),
    ...pools.map((pool) => drawPool(pool, columns, paint)),
    comparison.unmatchedPools.map(({ name, in: run }) => paint.dim(`The pool of ${name} was used in the run ${run} only.`)),
  ];
  return joinBlocks(blocks, color);
}

const BADGES: Record<ComparisonVerdict, (paint: ChalkInstance, text: string) => string> = {
  better: (paint, text) => paint.black.bgGreen(text),
  worse: (paint, text) => paint.whiteBright.bgRed(text),
  mixed: (paint, text) => paint.black.bgYellow(text),
  same: (paint, text) => paint.black.bgWhite(text),
  inconclusive: (paint, text) => paint.black.bgYellow(text),
};

function drawRun(when: string, { name, run, checkouts, findings }: ComparedRun, columns: number): string[] {
  const numbers = `${sayMany(checkouts, 'checkout')} in ${sayMs(run.durationMs)}, ${sayMany(findings, 'finding')}`;
  const room = columns - INDENT - numbers.length;
  const head = when.padEnd(INDENT - 2);
  return room < NARROW ? [head + clipStart(name, columns - head.length), `  ${numbers}`] : [`${head}${clipStart(name, room)}  ${numbers}`];
}

/** Those that stayed as they were are mentioned, and not more than that. */
function shown(findings: readonly ComparedFinding[]): ComparedFinding[] {
  const changed = findings.filter(({ change }) => change !== 'same');
  return [...changed, ...findings.filter(({ change }) => change === 'same').slice(0, changed.length === 0 ? SAME_SHOWN : 0)];
}

function hidden(findings: readonly ComparedFinding[]): string[] {
  const count = findings.length - shown(findings).length;
  return count === 0 ? [] : [`${sayMany(count, 'finding')} ${count === 1 ? 'is' : 'are'} as before.`];
}

function drawFinding({ change, severity, rule, callSite, movedFrom, title, costMs, count, doubt, fingerprint }: ComparedFinding, columns: number, paint: ChalkInstance): string[] {
  const inner = columns - INDENT;
  const kind = `${severity} · ${rule}`;
  const besideKind = inner - kind.length - 3;
  const isNarrow = callSite !== null && besideKind < NARROW;
  const place = callSite === null ? '' : clipStart(sayPlace(callSite), isNarrow ? inner : besideKind);
  const ratio = sayRatio(costMs.before, costMs.after);
  const noise = change === 'better' || change === 'worse' || change === 'unclear' ? sayNoise(costMs, sayMs) : '';
  const numbers = `${sayMs(costMs.before)} → ${sayMs(costMs.after)} a checkout${ratio === '' ? '' : `, ${ratio}`}${noise === '' ? '' : ` (${noise})`}; ${sayCount(count.before)} → ${sayCount(count.after)} times`;
  const lines = [
    ...(isNarrow ? [paint.dim(kind)] : []),
    ...wrap(title, inner),
    ...wrap(numbers, inner),
    ...(movedFrom === null ? [] : [`it was at ${clipStart(sayPlace(movedFrom), inner - 10)}`]),
    ...(doubt === null ? [] : wrap(`Doubt: ${doubt}.`, inner)),
  ];
  const head = `${COLORS[change](paint)(change.toUpperCase().padEnd(INDENT))}${paint.cyan(place)}${isNarrow ? '' : paint.dim(`${place === '' ? '' : ' · '}${kind}`)}`;
  return [head, ...lines.map((line) => ' '.repeat(INDENT) + line), paint.dim(' '.repeat(INDENT) + fingerprint)];
}

const COLORS: Record<Change, (paint: ChalkInstance) => (text: string) => string> = {
  new: (paint) => paint.red.bold,
  worse: (paint) => paint.red.bold,
  unclear: (paint) => paint.yellow.bold,
  better: (paint) => paint.green.bold,
  gone: (paint) => paint.green.bold,
  same: (paint) => paint.dim,
};

const CELLS = [20, 10, 10] as const;

function drawPool({ name, max, metrics }: ComparedPool, columns: number, paint: ChalkInstance): string[] {
  const size = max.before === max.after ? sayMany(max.after, 'connection') : `${max.before} → ${sayMany(max.after, 'connection')}`;
  const title = `Pool of ${clipStart(name, Math.max(20, columns - size.length - 12))}, ${size}`;
  const head = paint.dim(`${''.padEnd(CELLS[0])}${'before'.padStart(CELLS[1])}${'after'.padStart(CELLS[2])}`);
  return [paint.bold(title), head, ...POOL_METRICS.flatMap((metric) => {
    const measure = metrics[metric];
    const better = isBetter(metric, measure.verdict);
    const words = better === null ? (measure.verdict === 'same' ? 'same' : measure.difference === null ? sayNoise(measure, sayMs) : 'in the noise') : better ? 'better' : 'worse';
    const tint = better === null ? paint.dim : better ? paint.green : paint.red;
    const noise = measure.verdict === 'same' || measure.difference === null ? '' : sayNoise(measure, (value) => sayMetric(metric, value));
    const say = [sayRatio(measure.before, measure.after), words].filter((text) => text !== '').join(measure.difference === null ? ', ' : ' ') + (noise === '' ? '' : ` (${noise})`);
    const numbers = `${METRIC_NAMES[metric].padEnd(CELLS[0])}${sayMetric(metric, measure.before).padStart(CELLS[1])}${sayMetric(metric, measure.after).padStart(CELLS[2])}  `;
    const room = columns - numbers.length;
    return room < NARROW ? [numbers.trimEnd(), `  ${tint(clip(say, columns - 2))}`] : [numbers + tint(clip(say, room))];
  })];
}
