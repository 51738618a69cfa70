import type { Links } from '../html/links.js';
import { renderHtml } from '../html/render.js';
import type { Analysis } from '../model.js';
import type { SweepReport } from './model.js';

/** The report of the whole run, with the sweep's sentence and chart above it. Pure. */
export function renderSweepHtml(sweep: SweepReport, analysis: Analysis, links?: Links): string {
  const verdict = { starves: 'findings', stops: 'findings', queues: 'healthy', clear: 'healthy', inconclusive: 'inconclusive' } as const;
  const report = { ...analysis.report, summary: sweep.summary, verdict: verdict[sweep.verdict] };
  return renderHtml({ ...analysis, report }, { sweep, ...(links !== undefined && { links }) });
}
