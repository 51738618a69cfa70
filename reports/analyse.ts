import { stat } from 'node:fs/promises';
import { readExcerpts } from './excerpts.js';
import { addChains } from './deep/add-chains.js';
import { readDeep, type Deep } from './deep/read-deep.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import type { Analysis, Report, RunSummary, Timeline } from './model.js';
import { noteRun, noteUnwatched } from './notes.js';
import { findTraces } from './read/find-traces.js';
import { readTrace, type RawTrace } from './read/read-trace.js';
import { identify } from './read/trace-header.js';
import { groupParts, sortParts } from './read/trace-parts.js';
import { reportEpisode } from './report-episode.js';
import { roundTimes } from './round-times.js';
import { openContext } from './rules/context.js';
import { runRules } from './rules/index.js';
import { sayUnmapped } from './say-unmapped.js';
import { summarisePools } from './summarise-pools.js';
import { buildTimeline } from './timeline/build-timeline.js';
import { cwdOf } from './timeline/run-cwd.js';
import { openSources, type Sources } from './timeline/sources.js';
import { toolOf } from './tool.js';
import { judge } from './verdict.js';

export interface AnalyseOptions {
  /** Those that are left out have their default. */
  limits?: Partial<Limits>;
  /** Told now and then how much of all files has been read, from 0 to 1. */
  onProgress?: (fraction: number) => void;
}

/**
 * Reads traces (files, or directories of them) of one run and says what is wrong.
 * Throws TraceError, whose message is one line for the user, when there is no trace, or one cannot be read.
 */
export async function analyse(paths: readonly string[], options: AnalyseOptions = {}): Promise<Analysis> {
  const read = new Map<string, { parts: string[]; trace: RawTrace }>();
  const deeps = new Map<string, Deep>();
  const files = await findTraces(paths);
  const onBytes = options.onProgress === undefined ? undefined : await sumProgress(files, options.onProgress);
  for (const group of groupParts(files)) {
    const trace = await readTrace(group, onBytes);
    const key = identify(trace.header);
    const other = read.get(key);
    // Copies, or parts in several directories: nothing may count twice.
    const parts = other === undefined ? group : sortParts([...other.parts, ...group]);
    read.set(key, { parts, trace: other === undefined ? trace : await readTrace(parts, onBytes) });
  }
  const traces = Array.from(read.values(), ({ trace }) => trace);
  for (const { file } of traces) {
    const deep = await readDeep(file);
    if (deep !== null) deeps.set(file, deep);
  }
  return analyseTraces(traces, options, deeps);
}

/** From what is read of single files, one after the other, to what is read of all. */
async function sumProgress(files: readonly string[], onProgress: (fraction: number) => void): Promise<(bytes: number, file: string) => void> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const read = new Map<string, number>();
  return (bytes, file) => {
    read.set(file, bytes);
    onProgress([...read.values()].reduce((sum, part) => sum + part, 0) / Math.max(1, all));
  };
}

/**
 * The same, of traces that are already read.
 * @param deeps what the deep mode left beside them, by their file.
 */
export function analyseTraces(traces: readonly RawTrace[], options: AnalyseOptions = {}, deeps: ReadonlyMap<string, Deep> = new Map()): Analysis {
  const sources = openSources();
  return analyseTimeline(buildTimeline(traces, sources), sources, options, deeps);
}

function analyseTimeline(timeline: Timeline, sources: Sources, options: AnalyseOptions, deeps: ReadonlyMap<string, Deep>): Analysis {
  const context = openContext(timeline, { ...DEFAULT_LIMITS, ...options.limits });
  const run = summariseRun(timeline);
  const findings = sayUnmapped(runRules(context), run.cwd, sources);
  const pools = summarisePools(context);
  const doubts = addChains(findings, timeline, deeps, sources);
  const report: Report = roundTimes({
    schemaVersion: 1,
    tool: toolOf(),
    run,
    ...judge(timeline, findings, pools),
    notes: [...noteRun(timeline), ...noteUnwatched(context.unwatched), ...doubts],
    pools,
    episodes: context.starvation().map(reportEpisode),
    findings,
    lost: sumLost(timeline),
  });
  return { report, timeline, sources: readExcerpts(findings, run.cwd, sources), occurrences: context.occurrences, limits: context.limits };
}

function summariseRun({ recordings, startMs, endMs }: Timeline): RunSummary {
  const first = recordings[0];
  return {
    startedAt: new Date(first === undefined ? 0 : first.header.startedAt - first.startMs).toISOString(),
    durationMs: endMs - startMs,
    cwd: cwdOf(first?.header),
    processes: recordings.map(({ header, complete, exitCode }) => ({
      pid: header.pid,
      thread: header.thread,
      script: header.script,
      node: header.node,
      complete,
      exitCode,
    })),
  };
}

function sumLost({ recordings }: Timeline): Report['lost'] {
  const lost: Report['lost'] = { events: 0, probeErrors: 0, badLines: 0 };
  for (const { lostEvents, problems, badLines, unreadable } of recordings) {
    if (unreadable !== undefined) lost.unreadable = [...(lost.unreadable ?? []), ...unreadable];
    lost.events += lostEvents;
    lost.probeErrors += problems.length;
    lost.badLines += badLines;
  }
  return lost;
}
