import type { ChalkInstance } from 'chalk';
import type { CodeExample } from '../advice/examples.js';
import { callersOf } from '../callers.js';
import { sayWitness } from '../deep/words.js';
import type { Analysis, CallSite, Decomposition, DeepEvidence, Finding, Severity } from '../model.js';
import { sayCount, sayMany, sayMs, sayPlace, sayShare, sayStatement } from '../words.js';
import { drawCode } from './terminal-code.js';
import { clip, clipStart, wrap } from './wrap.js';

const CONTEXT_LINES = 1;
const FRAMES = 5;
const STATEMENTS = 2;
const INDENT = '  ';

/** One finding: what, where with its source line, from where, how much, and what to do; `code`: as code, too, where it is code. */
export function drawFinding(finding: Finding, sources: Analysis['sources'], code: CodeExample | null, columns: number, paint: ChalkInstance): string[] {
  const { severity, title, rule, callSite, frames, via, evidence, advice, fingerprint } = finding;
  const inner = columns - INDENT.length;
  const badge = colorOf(severity, paint)(severity.toUpperCase());
  const lines = [`${badge} ${paint.dim(`${rule} · ${fingerprint}`)}`, ...wrap(title, columns).map((line) => paint.bold(line))];
  if (callSite !== null) {
    lines.push('', INDENT + paint.cyan(sayFrame(callSite, inner)), ...drawSource(callSite, sources, inner, paint));
  }
  if (via !== null) lines.push(INDENT + paint.dim(clip(`inside ${via.package} ${via.version}`.trimEnd() + `: ${via.function || 'anonymous'} (${via.file}:${via.line})`, inner)));
  const callers = callersOf(frames);
  for (const frame of callers.slice(0, FRAMES)) lines.push(INDENT + paint.dim(`called by ${sayFrame(frame, inner - 10)}`));
  if (callers.length > FRAMES) lines.push(INDENT + paint.dim(`and ${sayMany(callers.length - FRAMES, 'more caller')}`));
  lines.push('', ...drawNumbers(finding, inner).map((line) => INDENT + line));
  for (const statement of evidence.statements.slice(0, STATEMENTS)) lines.push(INDENT + paint.dim(`next to  ${sayStatement(statement, inner - 9)}`));
  if (evidence.deep !== undefined) lines.push(...drawWitness(evidence.deep, inner, paint).map((line) => INDENT + line));
  lines.push('', ...wrap(advice, inner).map((line) => INDENT + line));
  if (code !== null) lines.push('', ...drawCode(code, inner, paint).map((line) => INDENT + line));
  return lines;
}

function colorOf(severity: Severity, paint: ChalkInstance): (text: string) => string {
  const colors: Record<Severity, (text: string) => string> = { error: paint.red.bold, warning: paint.yellow.bold, note: paint.blue.bold };
  return colors[severity];
}

function sayFrame(site: CallSite, columns: number): string {
  return clipStart(site.function === '' ? sayPlace(site) : `${sayPlace(site)} ${site.function}`, columns);
}

function drawSource(site: CallSite, sources: Analysis['sources'], columns: number, paint: ChalkInstance): string[] {
  const excerpt = sources.get(sayPlace(site));
  if (excerpt === undefined) return [];
  const first = Math.max(excerpt.firstLine, site.line - CONTEXT_LINES);
  const last = site.line + CONTEXT_LINES;
  const digits = String(last).length;
  const shown = excerpt.lines.slice(first - excerpt.firstLine, last - excerpt.firstLine + 1);
  return shown.map((text, index) => {
    const number = first + index;
    const line = clip(`${number === site.line ? '>' : ' '} ${String(number).padStart(digits)} │ ${text.replaceAll('\t', '  ')}`, columns);
    return INDENT + (number === site.line ? line : paint.dim(line));
  });
}

function drawNumbers({ count, totalMs, maxMs, evidence }: Finding, columns: number): string[] {
  const { decomposition, shareOfUse } = evidence;
  const numbers = count === 1 ? ['once', sayMs(maxMs)] : [`${sayCount(count)} times`, `${sayMs(totalMs)} in total`, `${sayMs(totalMs / count)} on average`, `${sayMs(maxMs)} at most`];
  if (shareOfUse !== null) numbers.push(`${sayShare(shareOfUse)} of connection time`);
  const lines = wrap(numbers.join(' · '), columns);
  if (decomposition !== null && decomposition.holdMs > 0) lines.push(...wrap(sayParts(decomposition), columns));
  return lines;
}

/** In two or three lines; the chain itself is in the HTML and JSON reports. */
function drawWitness(deep: DeepEvidence, columns: number, paint: ChalkInstance): string[] {
  const lines = wrap(`${sayWitness(deep)}: ${deep.says}`, columns).map((line) => (deep.differs > 0 ? paint.yellow(line) : line));
  return deep.graph === null ? lines : [...lines, paint.dim(clipStart(`clinic's graph: ${deep.graph}`, columns))];
}

function sayParts({ holdMs, sqlMs, awaitMs, blockedMs, idleMs }: Decomposition): string {
  const parts = [
    ['SQL', sqlMs],
    ['awaiting', awaitMs],
    ['event loop blocked', blockedMs],
    ['idle', idleMs],
  ] as const;
  const shares = parts.filter(([, ms]) => ms > 0).map(([name, ms]) => `${name} ${sayShare(ms / holdMs)}`);
  return `these connections were held for ${sayMs(holdMs)}: ${shares.join(', ')}`;
}
