import { defineCommand } from '../command.js';
import { EXIT } from '../errors.js';
import { GATE_OPTIONS, openGate } from '../report/gate.js';
import { choosePattern } from '../report/links.js';
import { readTargets, REPORT_OPTIONS } from '../report/options.js';
import { directoryOf, requireTraces, TRACES } from '../report/traces.js';

/** `lifeguard report`: what traces say, for people and programs. It judges nothing: the exit code is 0. */
export const reportCommand = defineCommand({
  usage: 'report [trace..]',
  describe: 'Report what was recorded',
  positionals: TRACES,
  options: { ...REPORT_OPTIONS, ...GATE_OPTIONS },
  examples: [
    ['report traces', 'in the terminal'],
    ['report traces --format html --open', 'in the browser'],
    ['report traces --format json --output report.html', 'JSON on stdout, HTML in a file'],
    ['report traces --output report.sarif --output junit.xml', 'for other programs'],
  ],
  async run(args, { terminal }) {
    const traces = requireTraces('report', args.trace);
    const targets = readTargets(args, { beside: directoryOf(traces), byDefault: 'terminal-without-output' });
    const gate = await openGate(args);
    const link = choosePattern(args, gate.links);
    const [{ analyseTraces }, { render, openReport }] = await Promise.all([import('../report/analyse-traces.js'), import('../report/render.js')]);
    await render(gate.judge(await analyseTraces(traces, gate.analyseOptions)), targets, terminal, link);
    if (args.open) await openReport(targets);
    return EXIT.clean;
  },
});
