import { defineCommand } from '../command.js';
import { GATE_OPTIONS, openGate, UPDATE_OPTION } from '../report/gate.js';
import { choosePattern } from '../report/links.js';
import { readTargets, REPORT_OPTIONS } from '../report/options.js';
import { directoryOf, requireTraces, TRACES } from '../report/traces.js';
import { judge } from '../report/verdict.js';
import { say, writeOut } from '../terminal.js';

/** `lifeguard check`: the exit code is the verdict. */
export const checkCommand = defineCommand({
  usage: 'check [trace..]',
  describe: 'Fail when there are findings of severity error, or a limit is exceeded',
  positionals: TRACES,
  options: { ...GATE_OPTIONS, ...UPDATE_OPTION, ...REPORT_OPTIONS, format: { ...REPORT_OPTIONS.format, defaultDescription: 'a line a finding' } },
  examples: [
    ['check traces', 'exit code 1 when there are such findings'],
    ['check traces --update-baseline', 'what was found is known from now on'],
    ['check traces --output junit.xml --output report.sarif', 'for dashboards and code scanning'],
    ['check traces --format github', 'annotations and a job summary'],
  ],
  async run(args, { terminal }) {
    const traces = requireTraces('check', args.trace);
    const targets = readTargets(args, { beside: directoryOf(traces), byDefault: 'nothing' });
    const gate = await openGate(args);
    const link = choosePattern(args, gate.links);
    const [{ analyseTraces }, { describeGate, describeShortly }, { render, openReport }] = await Promise.all([
      import('../report/analyse-traces.js'),
      import('../report/short.js'),
      import('../report/render.js'),
    ]);
    let analysis = gate.judge(await analyseTraces(traces, gate.analyseOptions));
    if (args['update-baseline']) {
      say(await gate.updateBaseline(analysis));
      analysis = gate.judge(analysis);
    }
    const onStdout = targets.filter(({ file }) => file === null).map(({ format }) => format);
    // For people, unless stdout belongs to a program or to the longer text for people.
    if (!onStdout.includes('terminal')) {
      const text = describeShortly(analysis, onStdout.every((format) => format === 'github') ? terminal : { ...terminal, color: false });
      if (onStdout.every((format) => format === 'github')) await writeOut(text);
      else process.stderr.write(text);
    }
    await render(analysis, targets, terminal, link);
    for (const line of describeGate(analysis)) say(line);
    if (args.open) await openReport(targets);
    const { status, reason } = judge(analysis);
    if (reason !== null) say(reason);
    return status;
  },
});
