/** The report of a run that left no trace: nothing was seen, so nothing can be said. */
import type { Analysis } from '../../reports/model.js';
import { toolOf } from '../../reports/tool.js';

export function emptyAnalysis(startedAt: Date, durationMs: number): Analysis {
  return {
    report: {
      schemaVersion: 1,
      tool: toolOf(),
      run: { startedAt: startedAt.toISOString(), durationMs, cwd: process.cwd(), processes: [] },
      verdict: 'inconclusive',
      summary: 'Nothing was recorded: no process used a pg pool or client.',
      missing: ['no process used a pg pool or client'],
      notes: [],
      pools: [],
      episodes: [],
      findings: [],
      lost: { events: 0, probeErrors: 0, badLines: 0 },
    },
    timeline: { recordings: [], pools: [], connections: [], checkouts: [], startMs: 0, endMs: durationMs },
    sources: new Map(),
  };
}
