import type { LimitCheck } from '../gate/model.js';
import { standings, type JudgedFinding } from '../gate/standings.js';
import type { Analysis, CallSite, Report } from '../model.js';
import { sayCount, sayMany, sayMs, sayPlace } from '../words.js';

const MOST_ROWS = 50;

/** The job summary: Markdown, for people who open the run. */
export function renderGithubSummary(analysis: Analysis): string {
  const { report, gate } = analysis;
  const judged = standings(analysis);
  const open = judged.filter(({ standing, fails, finding }) => fails || (standing === 'new' && finding.severity !== 'note'));
  const accepted = judged.filter((one) => !open.includes(one) && one.finding.severity !== 'note');
  const exceeded = (gate?.limits ?? []).filter((check) => check.exceeded);
  const failing = open.filter(({ fails }) => fails).length + exceeded.length;
  const blocks = [
    `## pg-lifeguard: ${failing > 0 ? `❌ ${sayMany(failing, 'problem')}` : report.missing.length > 0 ? '❔ inconclusive' : '✅ passed'}`,
    escape(report.summary),
    report.missing.map((what) => `- not everything was seen: ${escape(what)}`).join('\n'),
    tabulateFindings(open),
    tabulateLimits(exceeded),
    tabulatePools(report),
    fold(`${sayMany(accepted.length, 'finding')} known or ignored`, accepted.map(({ finding, reason }) => `- ${sayWhere(finding.callSite)}${escape(finding.title)} (${escape(reason)})`)),
    fold(`${sayMany(gate?.unseen.length ?? 0, 'entry')} of the baseline can be deleted`.replace('entrys', 'entries'), (gate?.unseen ?? []).map(({ title, fingerprint }) => `- ${escape(title)} (\`${fingerprint}\`)`)),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function tabulateFindings(judged: readonly JudgedFinding[]): string {
  const rows = judged.slice(0, MOST_ROWS).map(({ finding: { severity, rule, title, callSite, count, maxMs, advice }, fails }) => [
    fails ? '❌ error' : severity,
    callSite === null ? '' : code(sayPlace(callSite)),
    `${escape(title)}<br><sub>${escape(advice)}</sub>`,
    `\`${rule}\``,
    sayCount(count),
    sayMs(maxMs),
  ]);
  const more = judged.length - rows.length;
  return table(['', 'where', 'what', 'rule', 'times', 'longest'], rows) + (more > 0 ? `\n\n…and ${sayCount(more)} more` : '');
}

function tabulateLimits(limits: readonly LimitCheck[]): string {
  return table(['limit', 'where', 'what'], limits.map(({ key, callSite, title }) => [code(key), callSite === null ? '' : code(sayPlace(callSite)), escape(title)]));
}

function tabulatePools({ pools }: Report): string {
  const rows = pools.slice(0, MOST_ROWS).map(({ id, max, checkouts, wait, use, pendingMax }) => [code(id), String(max), sayCount(checkouts), sayMs(wait.p99Ms), sayMs(use.p99Ms), String(pendingMax)]);
  return table(['pool', 'max', 'checkouts', 'waited (p99)', 'held (p99)', 'longest queue'], rows);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function fold(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<details><summary>${title}</summary>\n\n${lines.slice(0, MOST_ROWS).join('\n')}\n\n</details>`;
}

function sayWhere(callSite: CallSite | null): string {
  return callSite === null ? '' : `${code(sayPlace(callSite))}: `;
}

/** Nothing of the program (SQL, paths, names) may become markup. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replace(/[\\`*_[\]|#~]/g, String.raw`\$&`).replace(/\s+/g, ' ');
}

function code(text: string): string {
  return `<code>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('|', '&#124;').replace(/\s+/g, ' ')}</code>`;
}
