import { resolve } from 'node:path';
import type { Analysis } from '../../reports/model.js';
import { defineCommand } from '../command.js';
import { EXIT, ToolError } from '../errors.js';
import { shortPath } from '../record/trace-directory.js';
import { CONFIG_OPTIONS, openGate } from '../report/gate.js';
import { choosePattern, linksFor, LINK_OPTIONS } from '../report/links.js';
import { openBrowser } from '../report/open-browser.js';
import { didYouMean } from '../suggest.js';
import { say, writeOut } from '../terminal.js';
import { writeFile } from '../write-file.js';

const FORMATS = ['terminal', 'json', 'html'] as const;

/** `lifeguard compare`: two runs side by side; the exit code says whether an error is new. */
export const compareCommand = defineCommand({
  usage: 'compare [before] [after]',
  describe: 'Compare two runs: findings gone, new, better, worse (exit code 1 when an error is new)',
  positionals: {
    before: { type: 'string', describe: 'Trace, or directory with traces, of the earlier run' },
    after: { type: 'string', describe: 'The same of the later run' },
  },
  options: {
    format: { type: 'string', requiresArg: true, describe: FORMATS.join(', '), defaultDescription: 'terminal' },
    output: { type: 'string', requiresArg: true, describe: 'File for the comparison', defaultDescription: 'stdout' },
    ...CONFIG_OPTIONS,
    ...LINK_OPTIONS,
    open: { type: 'boolean', describe: 'Open it as HTML in the browser (with --output, or lifeguard-compare.html)' },
  },
  examples: [
    ['compare traces/before traces/after', 'what a change has brought'],
    ['compare traces/main traces/branch --format json', 'for other programs'],
    ['compare traces/before traces/after --format html --output comparison.html', 'a page to pass on'],
  ],
  async run(args, { terminal }) {
    const { before, after } = args;
    if (before === undefined || after === undefined) throw new ToolError('compare needs two runs, files or directories that record wrote: lifeguard compare BEFORE AFTER');
    const format = FORMATS.find((name) => name === (args.format ?? (args.open ? 'html' : 'terminal')));
    if (format === undefined) throw new ToolError(`--format is ${JSON.stringify(args.format)}, expected one of ${FORMATS.join(', ')}${didYouMean(args.format ?? '', FORMATS)}`);
    const gate = await openGate(args);
    const link = choosePattern(args, gate.links);
    const [{ analyseTraces }, { compareRuns, newErrors }, terminalPart, jsonPart, htmlPart] = await Promise.all([
      import('../report/analyse-traces.js'),
      import('../../reports/compare/compare.js'),
      import('../../reports/compare/render-terminal.js'),
      import('../../reports/compare/render-json.js'),
      import('../../reports/compare/render-html.js'),
    ]);
    const read = async (run: string): Promise<Analysis> => gate.judge(await analyseTraces([run], gate.analyseOptions));
    const later = await read(after);
    const comparison = compareRuns(await read(before), later, { before, after });
    const file = args.output !== undefined && args.output !== '-' ? resolve(args.output) : args.open ? resolve('lifeguard-compare.html') : null;
    const look = file === null ? terminal : { color: false, width: 100 };
    const renderings = {
      terminal: () => terminalPart.renderComparisonTerminal(comparison, look),
      json: () => jsonPart.renderComparisonJson(comparison),
      html: () => htmlPart.renderComparisonHtml(comparison, linksFor(link, later.report.run.cwd)),
    };
    if (file === null) await writeOut(renderings[format]());
    else {
      writeFile(file, renderings[format]());
      say(`comparison in ${shortPath(file)}`);
      if (args.open) await openBrowser(file);
    }
    if (newErrors(comparison).length > 0) return EXIT.findings;
    if (comparison.before.checkouts > 0 && comparison.after.checkouts > 0) return EXIT.clean;
    say('inconclusive: a run without any checkout cannot be compared');
    return EXIT.failed;
  },
});
