import { firstToChange } from '../first-to-change.js';
import type { Analysis, Episode } from '../model.js';
import type { SweepReport } from '../sweep/model.js';
import { toUs } from '../microseconds.js';
import { ExcerptTable, showSite } from './excerpt-table.js';
import { buildPageLinks, type Links } from './links.js';
import type { PageData, PagePool } from './page-data.js';
import { blameFindings, buildPageFindings, MAX_FINDINGS, wantedCheckouts, welcomeCheckouts } from './page-findings.js';
import { buildPagePool, groupPools, type PoolGroup } from './page-pool.js';
import { buildPageSweep } from './page-sweep.js';
import { StringTable } from './string-table.js';
import { visibleText } from './visible-text.js';

/** The size that the page's data may have in bytes; script and style take another 150,000. */
const DATA_LIMIT = 1_800_000;
const FIRST_BUDGET = 90_000;
const MAX_EPISODES = 200;

/**
 * The page's data as JSON that may stand inside a script element, small enough for the page to stay below two megabytes: the
 * timeline shows fewer checkouts until it fits.
 */
export function buildPageJson(analysis: Analysis, { sweep, links, folder }: { sweep?: SweepReport | undefined; links?: Links | undefined; folder?: string | undefined } = {}): string {
  const prepared = prepare(analysis);
  for (let budget = FIRST_BUDGET; ; budget = Math.floor(budget * 0.7)) {
    const { data, rest } = assemble(analysis, budget, links, folder, prepared);
    const write = (): string => escapeJson(JSON.stringify({ ...data, ...(sweep === undefined ? {} : { sweep: buildPageSweep(sweep) }) }));
    const isLast = budget < 100;
    // To add up the rest of a long recording takes longer than to see that there is no room for it.
    if (rest.length > 0 && !isLast && Buffer.byteLength(write()) > DATA_LIMIT) continue;
    for (const addUp of rest) addUp();
    const json = write();
    if (isLast || Buffer.byteLength(json) <= DATA_LIMIT) return json;
  }
}

/** Without "<" nothing can end the element; the two separators are for old parsers. */
export function escapeJson(json: string): string {
  return json.replace(/</g, '\\u003c').replace(/\u2028/g, '\\u2028').replace(/\u2029/g, '\\u2029');
}

interface Prepared {
  groups: PoolGroup[];
  blamed: ReturnType<typeof blameFindings>;
  wanted: ReturnType<typeof wantedCheckouts>;
  welcome: ReturnType<typeof welcomeCheckouts>;
}

/** What does not depend on the budget: of a long recording it takes seconds. */
function prepare(analysis: Analysis): Prepared {
  const groups = groupPools(analysis);
  const blamed = blameFindings(analysis, groups);
  return { groups, blamed, wanted: wantedCheckouts(blamed, groups), welcome: welcomeCheckouts(blamed) };
}

/** What the page carries, from an analysis. Pure; `budget` is how many shapes the timelines may have in all, `folder` the page's. */
export function buildPageData(analysis: Analysis, budget = FIRST_BUDGET, links?: Links, folder?: string): PageData {
  const { data, rest } = assemble(analysis, budget, links, folder, prepare(analysis));
  for (const addUp of rest) addUp();
  return data;
}

/** `rest`: to be called for the timelines to have what they do not show one by one, added up. */
function assemble(analysis: Analysis, budget: number, links: Links | undefined, folder: string | undefined, prepared: Prepared): { data: PageData; rest: (() => void)[] } {
  const { report, timeline, sources } = analysis;
  const table = new StringTable();
  const excerpts = new ExcerptTable(sources);
  const { groups, blamed, wanted, welcome } = prepared;
  const first = firstToChange(report.findings);
  const allSpans = groups.reduce((sum, group) => sum + group.spans, 0);
  const share = (whole: number, least: number): number => Math.max(least, Math.floor((whole * Math.min(1, budget / FIRST_BUDGET)) / Math.max(1, groups.length)));
  const room = { steps: Math.min(2000, share(16_000, 50)), cells: share(16_000, 50), connections: share(4000, 20) };
  const places = new Map<string, [pool: number, checkout: number]>();
  const rest: (() => void)[] = [];
  const pools = groups.map((group, pool): PagePool => {
    const positions = new Map<string, number>();
    const spans = allSpans <= budget ? group.spans : Math.floor((budget * group.spans) / allSpans);
    const built = buildPagePool(group, analysis, table, { wanted, welcome }, { ...room, spans }, positions, rest);
    for (const id of [...wanted, ...welcome]) {
      const position = positions.get(id);
      if (position !== undefined) places.set(id, [pool, position]);
    }
    return built;
  });
  const findings = buildPageFindings(blamed, groups, analysis, excerpts, table, places, folder);
  const data: PageData = {
    version: 1,
    tool: `${report.tool.name} ${report.tool.version}`,
    links: buildPageLinks(links),
    verdict: report.verdict,
    summary: visibleText(report.summary),
    missing: report.missing.map((text) => visibleText(text)),
    run: { ...report.run, cwd: visibleText(report.run.cwd), processes: report.run.processes.map((p) => ({ ...p, script: visibleText(p.script) })) },
    endUs: toUs(timeline.endMs),
    problems: describeProblems(analysis),
    lost: report.lost,
    strings: table.strings,
    frames: table.frames,
    stacks: table.stacks,
    excerpts: excerpts.list,
    pools,
    findings,
    first: blamed.findIndex(({ finding }) => finding === first),
    hidden: { findings: Math.max(0, report.findings.length - MAX_FINDINGS), episodes: Math.max(0, report.episodes.length - MAX_EPISODES) },
    episodes: longestEpisodes(report.episodes).map((episode) => ({
      pool: groups.findIndex((group) => group.pool?.id === episode.pool),
      startMs: episode.startMs,
      endMs: episode.endMs,
      cause: episode.cause,
      pendingMax: episode.pendingMax,
      blame: episode.blame.slice(0, 10).map((blame) => ({ site: blame.callSite === null ? null : showSite(blame.callSite), doing: visibleText(blame.doing), share: blame.share })),
    })),
  };
  return { data, rest };
}

/** In order of time. */
function longestEpisodes(episodes: readonly Episode[]): Episode[] {
  const longest = episodes.toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs)).slice(0, MAX_EPISODES);
  return longest.toSorted((a, b) => a.startMs - b.startMs);
}

function describeProblems({ report, timeline }: Analysis): string[] {
  const texts = report.notes.map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`);
  for (const recording of timeline.recordings) {
    const who = `Process ${recording.key}`;
    if (recording.lostEvents > 0) texts.push(`${who} lost ${count(recording.lostEvents, 'event')}: the recorder could not keep up.`);
    if (recording.badLines > 0) texts.push(`${count(recording.badLines, 'line')} of ${recording.file} could not be read.`);
    for (const problem of recording.problems.slice(0, 5)) texts.push(`${who}: the probe failed at ${problem.where}: ${problem.message}`);
  }
  if (report.lost.events > 0 && timeline.recordings.length === 0) texts.push(`${count(report.lost.events, 'event')} were lost.`);
  return texts.slice(0, 40).map((text) => visibleText(text, 500));
}

function count(n: number, what: string): string {
  return `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
}
