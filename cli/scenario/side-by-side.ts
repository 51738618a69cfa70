/** A page that lays the reports of a scenario's variants, and their sources, side by side. Pure. */
import { sayMs } from '../../reports/words.js';
import type { Variant } from '../../scenarios/scenario.js';
import { describeSteps, sayRate, tabulateSteps, type StepCell } from '../../scenarios/summary.js';
import type { Outcome } from './run.js';

/** Its file's name, in the folder of the reports. */
export const SIDE_BY_SIDE = 'both.html';

/** @param sources of the variants' services. It refers to the reports as `faulty.html` and `fixed.html` in its own folder. */
export function renderSideBySide({ scenario, reported }: Extract<Outcome, { reported: unknown }>, sources: Partial<Record<Variant, string>>): string {
  const run = { scenario, variants: reported.map(({ run }) => run) };
  const names = run.variants.map(({ variant }) => variant);
  const rows = tabulateSteps(run).map(({ title, cells }) => `<tr><th>${escape(title)}</th>${names.map((name) => drawCell(cells[name])).join('')}</tr>`);
  const columns = names.map((name) => `<section>
<h2 class="${name}"><a href="${name}.html">${name}</a></h2>
<p>${escape(name === 'faulty' ? scenario.fault : scenario.cure)}</p>
<iframe src="${name}.html" title="Report of the ${name} variant"></iframe>
<details><summary>${name}.ts</summary><pre>${markSource(sources[name] ?? '')}</pre></details>
</section>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; frame-src 'self' file:">
<title>${escape(scenario.name)}</title>
<style>${STYLE}</style>
<h1>${escape(scenario.name)}</h1>
<p>${escape(scenario.summary)}</p>
<table><thead><tr><th>requests</th>${names.map((name) => `<th colspan="3" class="${name}">${name}</th>`).join('')}</tr>
<tr><th></th>${names.map(() => '<th>per second</th><th>half within</th><th>99 % within</th>').join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>
${describeSteps(run).map((sentence) => `<p>${escape(sentence)}</p>`).join('\n')}
<main>${columns.join('\n')}</main>
</html>
`;
}

function drawCell(cell: StepCell | undefined): string {
  if (cell === undefined) return '<td colspan="3"></td>';
  const failed = cell.failed === 0 ? '' : ` <small>${cell.failed} failed</small>`;
  if (cell.requestsPerSecond === 0) return `<td colspan="3">no answer${failed}</td>`;
  return `<td>${sayRate(cell.requestsPerSecond)}${failed}</td><td>${sayMs(cell.p50Ms)}</td><td>${sayMs(cell.p99Ms)}</td>`;
}

/** The marked lines stand out. */
function markSource(source: string): string {
  return source.split('\n').map((line) => (line.includes('// ← ') ? `<mark>${escape(line)}</mark>` : escape(line))).join('\n');
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** The colours and letters of the reports that it frames. */
const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 ui-sans-serif, system-ui, sans-serif; background: light-dark(#f6f8f5, #0d191d); color: light-dark(#12262c, #e6eeec); }
body { margin: 1.5rem clamp(1rem, 3vw, 3rem); }
h1, h2 { font-family: 'Iowan Old Style', 'Palatino Linotype', Palatino, P052, Georgia, 'DejaVu Serif', serif; line-height: 1.2; margin: 1rem 0 .4rem; }
h1 + p { font-size: 1.1rem; max-width: 60rem; }
.faulty, .faulty a { color: light-dark(#b93412, #ff8a62); }
.fixed, .fixed a { color: light-dark(#0f6b57, #63d0ad); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1.2rem 0; }
th, td { padding: .25rem .8rem; text-align: right; border-bottom: 1px solid light-dark(#d3ddda, #2a4047); }
th:first-child { text-align: left; padding-left: 0; }
thead tr + tr th { font-weight: normal; color: light-dark(#52676c, #9db2b5); }
tbody th { font-weight: normal; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 1.5rem; margin-top: 1.5rem; }
section { min-width: 0; }
iframe { width: 100%; height: 75vh; border: 1px solid light-dark(#d3ddda, #2a4047); border-radius: 6px; }
summary { cursor: pointer; }
pre { overflow-x: auto; font: 13px/1.5 ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
mark { background: light-dark(#fbe9e1, #3a2019); color: inherit; }
small { color: light-dark(#b93412, #ff8a62); }
`;
