/** A judged analysis in a few lines, for logs: the verdict, a line for each finding and limit. Pure. */
import { Chalk, type ChalkInstance } from 'chalk';
import { EVERYWHERE, type Gate } from '../../reports/gate/model.js';
import { standings, type JudgedFinding } from '../../reports/gate/standings.js';
import type { Analysis, Severity } from '../../reports/model.js';
import { showControls } from '../../reports/renderers/terminal-text.js';
import { onOneLine, sayMany, sayPlace } from '../../reports/words.js';
import type { Terminal } from '../terminal.js';

export function describeShortly(analysis: Analysis, terminal: Terminal): string {
  const { report, gate } = analysis;
  const paint = new Chalk({ level: terminal.color ? 1 : 0 });
  const doubts = report.verdict === 'inconclusive' ? report.missing.map((what) => `missing: ${what}`) : report.verdict === 'healthy' ? report.notes.map((what) => paint.dim(`note     ${what}`)) : [];
  const judged = standings(analysis);
  const lines = judged.map((one) => drawFinding(one, paint));
  return [paint.bold(headline(analysis, judged)), ...doubts, ...lines, ...drawLimits(gate, paint)].map((line) => `${showControls(onOneLine(line), terminal.color)}\n`).join('');
}

/** The verdict; where all that it speaks of is accepted, that. */
function headline({ report, gate }: Analysis, judged: readonly JudgedFinding[]): string {
  const accepted = judged.filter(isAccepted).length;
  const isNew = judged.some((one) => !isAccepted(one) && one.finding.severity !== 'note');
  if (report.verdict !== 'findings' || gate?.passed !== true || accepted === 0 || isNew) return report.summary;
  return `Nothing new: ${sayMany(accepted, 'finding')}, known or ignored.`;
}

function isAccepted({ fails, standing }: JudgedFinding): boolean {
  return !fails && standing !== 'new' && standing !== 'over-budget';
}

function drawFinding(judged: JudgedFinding, paint: ChalkInstance): string {
  const { finding, standing, reason } = judged;
  const { rule, severity, title, callSite, via, fingerprint } = finding;
  const colors: Record<Severity, (text: string) => string> = { error: paint.red, warning: paint.yellow, note: paint.dim };
  const place = callSite === null ? (via === null ? '' : `${via.package}: `) : `${sayPlace(callSite)}: `;
  const why = reason === '' ? '' : `, ${reason}`;
  const text = `${place}${title}${why} ${paint.dim(`[${fingerprint}]`)} (${rule})`;
  return isAccepted(judged) ? paint.dim(`${(standing === 'ignored' ? 'ignored' : 'known').padEnd(7)}  ${text}`) : `${colors[severity](severity.padEnd(7))}  ${text}`;
}

function drawLimits(gate: Gate | undefined, paint: ChalkInstance): string[] {
  return (gate?.limits ?? []).filter(({ exceeded }) => exceeded).map(({ key, title, callSite }) => `${paint.red('limit  ')}  ${callSite === null ? '' : `${sayPlace(callSite)}: `}${title} (${key})`);
}

const MOST_NAMED = 10;

/** What the gate did with it, in lines for stderr; none when there was nothing but findings and no say over them. */
export function describeGate(analysis: Analysis): string[] {
  const { gate } = analysis;
  if (gate === undefined) return [];
  const judged = standings(analysis);
  const of = (wanted: JudgedFinding['standing'][]): number => judged.filter(({ standing, fails }) => wanted.includes(standing) && !fails).length;
  const grown = judged.filter(({ standing }) => standing === 'grown');
  const lines: string[] = [];
  const [known, ignored] = [of(['known', 'grown']), of(['ignored'])];
  const measured = gate.limits.filter((check) => check.measured !== null);
  const exceeded = measured.filter((check) => check.exceeded).length;
  // A pattern that is mistyped keeps its limit for ever.
  const unmatched = gate.limits.filter((check) => check.measured === null && check.scope !== EVERYWHERE);
  const parts = [
    ...(known > 0 ? [`${sayMany(known, 'finding')} known from ${gate.baseline ?? 'the baseline'}`] : []),
    ...(ignored > 0 ? [`${sayMany(ignored, 'finding')} ignored`] : []),
    ...(measured.length > 0 ? [exceeded === 0 ? `${sayMany(measured.length, 'limit')} kept` : `${exceeded} of ${sayMany(measured.length, 'limit')} exceeded`] : []),
  ];
  if (parts.length > 0) lines.push(parts.join(', '));
  for (const { title, scope } of unmatched.slice(0, MOST_NAMED)) lines.push(`${title} (${scope})`);
  for (const { finding, reason } of grown.slice(0, MOST_NAMED)) lines.push(`more than before: ${finding.callSite === null ? finding.rule : sayPlace(finding.callSite)} (${reason})`);
  lines.push(...nameUnseen(`no longer found, can be deleted from ${gate.baseline ?? 'the baseline'}`, gate.unseen), ...nameUnseen('no longer found, can be deleted from ignore', gate.unusedIgnores));
  return lines;
}

function nameUnseen(what: string, unseen: Gate['unseen']): string[] {
  const lines = unseen.slice(0, MOST_NAMED).map(({ fingerprint, title }) => `${what}: ${fingerprint} ${title}`);
  const more = unseen.length - lines.length;
  return more > 0 ? [...lines, `${what}: and ${more} more`] : lines;
}
