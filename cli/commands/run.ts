import { defineCommand } from '../command.js';
import { EXIT, reportError } from '../errors.js';
import { RECORD_OPTIONS, readRecordOptions } from '../record/options.js';
import { readTargets, REPORT_OPTIONS } from '../report/options.js';
import { judge } from '../report/verdict.js';
import { say } from '../terminal.js';

/** `lifeguard run`: record, report and check in one go. Stdout is the report's alone, so the program's goes to stderr. */
export const runCommand = defineCommand({
  usage: 'run',
  takesProgram: true,
  describe: 'Record, report and check a program in one go',
  positionals: {},
  options: { ...REPORT_OPTIONS, ...RECORD_OPTIONS },
  examples: [
    ['run --load http://127.0.0.1:3000/orders -- npm start', 'drive a service, then say who held its pool'],
    ['run --format json -- npm test > report.json', 'for other programs'],
    ['run --on-port "k6 run load.js" -- node app.js', 'with a load of your own; PORT is set'],
  ],
  async run(args, { terminal, program }) {
    const options = readRecordOptions(args, program, 'stderr');
    // Before the program is started: an option that is wrong should not cost a run.
    readTargets(args, '.', ['html']);
    const [{ record }, { analyse }, { render, openReport }, { emptyAnalysis }] = await Promise.all([
      import('../record/record.js'),
      import('../../reports/analyse.js'),
      import('../report/render.js'),
      import('../report/empty.js'),
    ]);
    const startedAt = new Date();
    const { directory, traces, failure, problem } = await record(options);
    const seen = traces.length > 0;
    if (problem !== null && !seen) throw problem;
    const analysis = seen ? await analyse(traces) : emptyAnalysis(startedAt, Date.now() - startedAt.getTime());
    const targets = readTargets(args, directory, ['html']);
    await render(analysis, seen ? targets : targets.filter(({ file }) => file === null), terminal);
    if (args.open && seen) await openReport(targets);

    const { status, reason } = judge(analysis.report);
    // What was found stands, whatever else went wrong.
    if (status === EXIT.findings) {
      if (problem !== null) reportError(problem, false);
      return status;
    }
    if (problem !== null) throw problem;
    if (failure !== null) say(`the command ${failure}, so this run proves nothing`);
    else if (reason !== null) say(reason);
    return failure === null ? status : EXIT.failed;
  },
});
