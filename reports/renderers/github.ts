import { standings } from '../gate/standings.js';
import { SEVERITIES, type Analysis, type CallSite, type Severity } from '../model.js';
import { visibleText } from '../html/visible-text.js';
import { sayMany } from '../words.js';
import type { RenderOptions } from './index.js';
import { relativeTo } from '../relative-file.js';

/** GitHub shows no more of a step. */
const MOST = 10;

interface Annotation {
  severity: Severity;
  callSite: CallSite | null;
  title: string;
  message: string;
}

const COMMANDS: Record<Severity, string> = { error: 'error', warning: 'warning', note: 'notice' };

/**
 * Workflow commands: what fails comes first, then warnings; ten at most, as the rest would not be shown. What is known or
 * ignored has been read before.
 */
export function renderGithub(analysis: Analysis, { root }: Pick<RenderOptions, 'root'> = {}): string {
  const { cwd } = analysis.report.run;
  const annotations = collect(analysis);
  const lines = annotations.slice(0, MOST).map((annotation) => drawAnnotation(annotation, cwd, root ?? cwd));
  const more = annotations.length - MOST;
  if (more > 0) lines.push(`and ${sayMany(more, 'more')}, in the job summary`.replace('mores', 'more'));
  return lines.map((line) => `${line}\n`).join('');
}

function collect(analysis: Analysis): Annotation[] {
  const limits = (analysis.gate?.limits ?? []).filter(({ exceeded }) => exceeded);
  const judged = standings(analysis).filter(({ fails, standing, finding }) => fails || (standing === 'new' && finding.severity !== 'note'));
  return [
    ...judged.map(({ finding: { severity, callSite, title, advice, rule }, fails }): Annotation => ({ severity: fails ? 'error' : severity, callSite, title: rule, message: `${title}. ${advice}` })),
    ...limits.map(({ key, callSite, title }): Annotation => ({ severity: 'error', callSite, title: key, message: title })),
  ].toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function drawAnnotation({ severity, callSite, title, message }: Annotation, cwd: string, root: string): string {
  const place = callSite === null ? {} : { file: relativeTo(callSite.file, cwd, root), line: callSite.line, col: callSite.column };
  const properties = Object.entries({ ...place, title: `pg-lifeguard: ${title}` }).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${COMMANDS[severity]} ${properties.join(',')}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return visibleText(text, Infinity).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
