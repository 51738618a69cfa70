import { Chalk, type ChalkInstance } from 'chalk';
import type { Analysis, Episode, EpisodeCause, PoolSummary, Report, Verdict } from '../model.js';
import { sayCount, sayMany, sayMs, sayPlace, sayShare } from '../words.js';
import type { RenderOptions } from './index.js';
import { drawFinding } from './terminal-finding.js';
import { clip, clipStart, wrap } from './wrap.js';

/** Long lines are hard to read, however wide the window. */
const WIDEST = 100;
const EPISODES = 5;
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
    ...report.findings.map((finding) => drawFinding(finding, analysis.sources, columns, paint)),
    drawDoubts(report, columns, paint),
  ];
  return `${blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function sayProcesses(count: number): string {
  return count === 1 ? '1 process' : `${count} processes`;
}

function drawVerdict({ verdict, summary, run }: Report, columns: number, paint: ChalkInstance): string[] {
  const badge: Record<Verdict, string> = {
    healthy: paint.black.bgGreen(' HEALTHY '),
    findings: paint.whiteBright.bgRed(' FINDINGS '),
    inconclusive: paint.black.bgYellow(' INCONCLUSIVE '),
  };
  const scripts = [...new Set(run.processes.map(({ script }) => script.split(/[\\/]/).at(-1) ?? ''))].filter((script) => script !== '').join(', ');
  const what = [scripts, sayMs(run.durationMs), sayProcesses(run.processes.length)].filter((part) => part !== '').join(' · ');
  return [`${badge[verdict]} ${paint.dim(clip(what, columns - verdict.length - 3))}`, '', ...wrap(summary, columns).map((line) => paint.bold(line))];
}

const HEADS = ['pool', 'max', 'checkouts', 'p50', 'p99', 'max', 'p50', 'p99', 'queue', 'all taken'] as const;
const FIRST_WAIT = 3;
const FIRST_USE = 6;
const FIRST_REST = 8;

/** One row a pool; the words above the percentiles say of what they are. */
function drawPools(pools: readonly PoolSummary[], columns: number, paint: ChalkInstance): string[] {
  if (pools.length === 0) return [];
  const rows = pools.map(({ id, max, checkouts, wait, use, pendingMax, exhaustedMs }) => [
    id,
    String(max),
    sayCount(checkouts),
    ...[wait.p50Ms, wait.p99Ms, wait.maxMs, use.p50Ms, use.p99Ms].map(sayMs),
    String(pendingMax),
    exhaustedMs === 0 ? '-' : sayMs(exhaustedMs),
  ]);
  const widths = HEADS.map((head, column) => Math.max(head.length, ...rows.map((row) => (row[column] ?? '').length)));
  const gap = widths.reduce((sum, width) => sum + width + 2, -2) <= columns ? '  ' : ' ';
  const draw = (cells: readonly string[]): string => cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(gap);
  const span = (from: number, until: number): number => widths.slice(from, until).reduce((sum, width) => sum + width + gap.length, -gap.length);
  const groups = [' '.repeat(span(0, FIRST_WAIT)), 'waited'.padStart(span(FIRST_WAIT, FIRST_USE)), 'held'.padStart(span(FIRST_USE, FIRST_REST))].join(gap);
  return [paint.dim(groups), paint.dim(draw(HEADS)), ...rows.map(draw)];
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
