import { defineCommand } from '../command.js';
import { judge } from '../report/verdict.js';
import { requireTraces, TRACES } from '../report/traces.js';
import { say, writeOut } from '../terminal.js';

/** `lifeguard check`: the exit code is the verdict. */
export const checkCommand = defineCommand({
  usage: 'check [trace..]',
  describe: 'Fail when there are findings of severity error',
  positionals: TRACES,
  options: {},
  examples: [['check traces', 'exit code 1 when there are such findings']],
  async run(args, { terminal }) {
    const traces = requireTraces('check', args.trace);
    const [{ analyse }, { describeShortly }] = await Promise.all([import('../../reports/analyse.js'), import('../report/short.js')]);
    const { report } = await analyse(traces);
    await writeOut(describeShortly(report, terminal));
    const { status, reason } = judge(report);
    if (reason !== null) say(reason);
    return status;
  },
});
