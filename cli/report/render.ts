/** Makes the renderings of an analysis and puts them where they belong. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Analysis } from '../../reports/model.js';
import { renderers } from '../../reports/renderers/index.js';
import { checkoutsOf } from '../../reports/timeline/checkout-list.js';
import { systemReason, ToolError } from '../errors.js';
import { shortPath } from '../record/trace-directory.js';
import { say, writeOut, type Terminal } from '../terminal.js';
import { whileBusy } from './busy.js';
import { linksFor, type LinkChoice } from './links.js';
import { openBrowser } from './open-browser.js';
import type { Target } from './options.js';
import { findSourceRoot } from './source-root.js';

/** About a second's work. */
const MANY_CHECKOUTS = 200_000;

/** @throws ToolError when a file cannot be written. */
export async function render(analysis: Analysis, targets: readonly Target[], terminal: Terminal, link: LinkChoice | null): Promise<void> {
  const { cwd } = analysis.report.run;
  const root = findSourceRoot(cwd);
  const links = linksFor(link, cwd);
  // What goes to stdout last: so the report is not torn apart by what is said about the files.
  for (const { format, file } of targets.toSorted((a, b) => Number(a.file === null) - Number(b.file === null))) {
    const renderFormat = await renderers[format]();
    const text = await whileBusy(checkoutsOf(analysis.timeline).length < MANY_CHECKOUTS ? null : `writing the ${format} report`, () => renderFormat(analysis, { ...(file === null ? terminal : { color: false, width: 100, folder: dirname(resolve(file)) }), root, ...(links !== undefined && { links }) }));
    if (file === null) await writeOut(text);
    else {
      writeReport(file, text);
      say(`${format} report in ${shortPath(file)}`);
    }
  }
  if (targets.some(({ format }) => format === 'github')) await summarise(analysis, process.env['GITHUB_STEP_SUMMARY']);
}

/** Opens the HTML report among the targets. */
export async function openReport(targets: readonly Target[]): Promise<void> {
  const file = targets.find(({ format }) => format === 'html')?.file;
  if (typeof file === 'string') await openBrowser(file);
}

/** The page of the workflow run; other steps write to the same file. */
async function summarise(analysis: Analysis, file: string | undefined): Promise<void> {
  if (file === undefined || file === '') return;
  const { renderGithubSummary } = await import('../../reports/renderers/github-summary.js');
  try {
    appendFileSync(file, renderGithubSummary(analysis));
  } catch (error) {
    throw new ToolError(`cannot write the job summary ${file}: ${systemReason((error as NodeJS.ErrnoException).code ?? String(error))}`);
  }
}

function writeReport(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new ToolError(`cannot write ${file}: ${systemReason((error as NodeJS.ErrnoException).code ?? String(error))}`);
  }
}
