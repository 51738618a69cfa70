import { Chalk, type ChalkInstance } from 'chalk';
import { exampleFor } from '../advice/examples.js';
import { firstToChange } from '../first-to-change.js';
import type { Analysis, Episode, EpisodeCause, PoolSummary, Report, RuleId, Verdict } from '../model.js';
import { sayCount, sayMany, sayMs, sayPlace, sayShare } from '../words.js';
import type { RenderOptions } from './index.js';
import { drawFinding } from './terminal-finding.js';
import { joinBlocks } from './terminal-text.js';
import { clip, clipStart, wrap } from './wrap.js';

/** Long lines are hard to read, however wide the window. */
const WIDEST = 100;
const EPISODES = 5;
const CODE_EXAMPLES = 2;
const SHARE_WIDTH = 13;

/** The report for people at a terminal: the verdict, the pools, why requests waited, the findings. */
export function renderTerminal(analysis: Analysis, { color, width }: RenderOptions): string {
  const paint = new Chalk({ level: color ? 1 : 0 });
  const columns = Math.min(WIDEST, width);
  const { report } = analysis;
  const blocks = [
    drawVerdict(report, columns, paint),
    drawPools(report.pools, columns, paint),
    drawEpisodes(report.episodes, columns, paint),
    ...drawFindings(analysis, columns, paint),
    drawDoubts(report, columns, paint),
  ];
  return joinBlocks(blocks, color);
}

/** The first finding of a rule has the way out as code; for the others of that rule it is the same one. */
function drawFindings({ report, sources }: Analysis, columns: number, paint: ChalkInstance): string[][] {
  const said = new Set<RuleId>();
  return report.findings.map((finding) => {
    const code = said.has(finding.rule) || said.size >= CODE_EXAMPLES ? null : exampleFor(finding, sources);
    if (code !== null) said.add(finding.rule);
    return drawFinding(finding, sources, code, columns, paint);
  });
}

function sayProcesses(count: number): string {
  return count === 1 ? '1 process' : `${count} processes`;
}

function drawVerdict({ verdict, summary, run, findings }: Report, columns: number, paint: ChalkInstance): string[] {
  const badge: Record<Verdict, string> = {
    healthy: paint.black.bgGreen(' HEALTHY '),
    findings: paint.whiteBright.bgRed(' FINDINGS '),
    inconclusive: paint.black.bgYellow(' INCONCLUSIVE '),
  };
  const scripts = [...new Set(run.processes.map(({ script }) => script.split(/[\\/]/).at(-1) ?? ''))].filter((script) => script !== '').join(', ');
  const what = [scripts, sayMs(run.durationMs), sayProcesses(run.processes.length)].filter((part) => part !== '').join(' · ');
  const first = firstToChange(findings);
  const change = first === null ? [] : ['', `Change first: ${paint.cyan(clipStart(first.callSite.function === '' ? sayPlace(first.callSite) : `${sayPlace(first.callSite)} ${first.callSite.function}`, columns - 14))}`];
  return [`${badge[verdict]} ${paint.dim(clip(what, columns - verdict.length - 3))}`, '', ...wrap(summary, columns).map((line) => paint.bold(line)), ...change];
}

/** `group`: what it is a percentile of. `spare`: the first to go where there is no room, the highest before the others. */
const COLUMNS: { head: string; group: 'waited' | 'held' | ''; spare: number; cell: (pool: PoolSummary) => string }[] = [
  { head: 'pool', group: '', spare: 0, cell: ({ id }) => id },
  { head: 'max', group: '', spare: 0, cell: ({ max }) => String(max) },
  { head: 'checkouts', group: '', spare: 2, cell: ({ checkouts }) => sayCount(checkouts) },
  { head: 'p50', group: 'waited', spare: 4, cell: ({ wait }) => sayMs(wait.p50Ms) },
  { head: 'p99', group: 'waited', spare: 1, cell: ({ wait }) => sayMs(wait.p99Ms) },
  { head: 'max', group: 'waited', spare: 0, cell: ({ wait }) => sayMs(wait.maxMs) },
  { head: 'p50', group: 'held', spare: 3, cell: ({ use }) => sayMs(use.p50Ms) },
  { head: 'p99', group: 'held', spare: 0, cell: ({ use }) => sayMs(use.p99Ms) },
  { head: 'queue', group: '', spare: 0, cell: ({ pendingMax }) => String(pendingMax) },
  { head: 'all taken', group: '', spare: 0, cell: ({ exhaustedMs }) => (exhaustedMs === 0 ? '-' : sayMs(exhaustedMs)) },
];

/** One row a pool; the words above the percentiles say of what they are. */
function drawPools(pools: readonly PoolSummary[], room: number, paint: ChalkInstance): string[] {
  if (pools.length === 0) return [];
  const drawn = COLUMNS.map((column) => {
    const cells = pools.map((pool) => column.cell(pool));
    const { head, group, spare } = column;
    return { head, group, spare, cells, width: Math.max(head.length, ...cells.map((cell) => cell.length)) };
  });
  const widthWith = (gap: number): number => drawn.reduce((sum, { width }) => sum + width + gap, -gap);
  while (widthWith(1) > room && drawn.some(({ spare }) => spare > 0)) drawn.splice(drawn.indexOf(drawn.reduce((a, b) => (b.spare > a.spare ? b : a))), 1);
  const gap = widthWith(2) <= room ? '  ' : ' ';
  const draw = (cells: readonly string[]): string => cells.map((cell, i) => (i === 0 ? cell.padEnd(drawn[0]?.width ?? 0) : cell.padStart(drawn[i]?.width ?? 0))).join(gap);
  const groups = drawn.map(({ group, width }, i) => (group === '' || drawn[i + 1]?.group === group ? ' '.repeat(width) : group.padStart(width))).join(gap);
  return [paint.dim(groups.trimEnd()), paint.dim(draw(drawn.map(({ head }) => head))), ...pools.map((_, row) => draw(drawn.map(({ cells }) => cells[row] ?? '')))];
}

const CAUSES: Record<EpisodeCause, string> = {
  'held-idle': 'connections were held without being used',
  'slow-sql': 'connections were busy with SQL',
  'lock-wait': 'connections waited for locks',
  leaked: 'connections were never released',
  deadlocked: 'holders waited for each other',
  connecting: 'connections were still being opened',
  'event-loop-blocked': 'the event loop was blocked',
  unknown: 'the trace does not say',
};

function drawEpisodes(episodes: readonly Episode[], columns: number, paint: ChalkInstance): string[] {
  if (episodes.length === 0) return [];
  const longest = episodes.toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs)).slice(0, EPISODES);
  const lines = [paint.bold('Why requests waited')];
  for (const { pool, startMs, endMs, cause, pendingMax, blame } of longest.toSorted((a, b) => a.startMs - b.startMs)) {
    lines.push(clip(`  ${sayMs(startMs)} after the start, for ${sayMs(endMs - startMs)}, up to ${pendingMax} at once in pool ${pool}:`, columns), `  ${CAUSES[cause]}`);
    for (const { callSite, doing, share } of blame.slice(0, 3)) {
      const where = callSite === null ? '' : ` at ${clipStart(sayPlace(callSite), Math.floor(columns / 2) - 4)}`;
      const what = clip(doing, columns - SHARE_WIDTH - where.length);
      lines.push(paint.dim(`${sayShare(share).padStart(SHARE_WIDTH - 2)}  ${what}${where}`));
    }
  }
  if (episodes.length > longest.length) lines.push(paint.dim(`  and ${sayMany(episodes.length - longest.length, 'shorter time')}`));
  return lines;
}

function drawDoubts({ missing, notes, verdict }: Report, columns: number, paint: ChalkInstance): string[] {
  // The summary has said what is missing already when it is the verdict.
  const doubts = [...(verdict === 'inconclusive' ? [] : missing), ...notes];
  return doubts.flatMap((doubt) => wrap(`Note: ${doubt}.`, columns)).map((line) => paint.dim(line));
}
