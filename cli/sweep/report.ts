/** The renderings of a sweep. */
import { join, resolve } from 'node:path';
import { analyse } from '../../reports/analyse.js';
import { concludeSweep } from '../../reports/sweep/conclude.js';
import type { SweepReport } from '../../reports/sweep/model.js';
import { renderSweepHtml } from '../../reports/sweep/render-html.js';
import { renderSweepJson } from '../../reports/sweep/render-json.js';
import { renderSweepTerminal } from '../../reports/sweep/render-terminal.js';
import { shortPath } from '../record/trace-directory.js';
import { defaultLinks } from '../report/links.js';
import { openBrowser } from '../report/open-browser.js';
import { say, type Terminal } from '../terminal.js';
import { writeFile } from '../write-file.js';
import type { Swept } from './sweep.js';

export interface SweepReportOptions {
  format: 'terminal' | 'json' | 'html';
  output: string | undefined;
  open: boolean;
  terminal: Terminal;
}

const HTML_NAME = 'lifeguard-sweep.html';

/** Writes the HTML report; the text is for stdout. @throws ToolError when it cannot be written. */
export async function reportSweep({ run, directory, traces }: Swept, { format, output, open, terminal }: SweepReportOptions): Promise<{ report: SweepReport; text: string }> {
  const analysis = traces.length === 0 ? null : await analyse(traces);
  const report = concludeSweep(run, analysis);
  const html = analysis === null ? null : renderSweepHtml(report, analysis, defaultLinks(analysis.report.run.cwd));
  const toStdout = format === 'html' && (output === undefined || output === '-') && html !== null;
  if (html !== null && !toStdout) {
    const file = output === undefined || output === '-' ? join(directory, HTML_NAME) : resolve(output);
    writeFile(file, html);
    say(`html report in ${shortPath(file)}`);
    if (open) await openBrowser(file);
  }
  const texts = { terminal: () => renderSweepTerminal(report, terminal), json: () => renderSweepJson(report), html: () => (toStdout ? (html ?? '') : '') };
  return { report, text: texts[format]() };
}
