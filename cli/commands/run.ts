import { defineCommand } from '../command.js';
import { EXIT, reportError } from '../errors.js';
import { RECORD_OPTIONS, readRecordOptions } from '../record/options.js';
import { GATE_OPTIONS, openGate } from '../report/gate.js';
import { choosePattern } from '../report/links.js';
import { readTargets, REPORT_OPTIONS, type Format, type Target } from '../report/options.js';
import { judge } from '../report/verdict.js';
import { say } from '../terminal.js';

/** `lifeguard run`: record, report and check in one go. Stdout is the report's alone, so the program's goes to stderr. */
export const runCommand = defineCommand({
  usage: 'run',
  takesProgram: true,
  describe: 'Record, report and check a program in one go',
  positionals: {},
  options: { ...REPORT_OPTIONS, ...GATE_OPTIONS, ...RECORD_OPTIONS },
  examples: [
    ['run --load http://127.0.0.1:3000/orders -- npm start', 'drive a service, then say who held its pool'],
    ['run -- npm test', 'a test suite: awaits in transactions are found without any load'],
    ['run --output junit.xml --output report.sarif -- npm test', 'for dashboards and code scanning'],
    ['run --on-port "k6 run load.js" -- node app.js', 'with a load of your own; PORT is set'],
  ],
  async run(args, { terminal, program }) {
    const options = readRecordOptions(args, program, 'stderr');
    const targetsIn = (beside: string, always: readonly Format[] = ['html']): Target[] => readTargets(args, { beside, always, byDefault: 'terminal' });
    // Before the program is started: a mistake in an option or in the configuration should not cost a run.
    targetsIn('.');
    const gate = await openGate(args);
    const link = choosePattern(args, gate.links);
    const [{ record }, { analyseTraces }, { render, openReport }, { emptyAnalysis }, { describeGate }] = await Promise.all([
      import('../record/record.js'),
      import('../report/analyse-traces.js'),
      import('../report/render.js'),
      import('../report/empty.js'),
      import('../report/short.js'),
    ]);
    const startedAt = new Date();
    const { directory, traces, failure, problem } = await record(options);
    const seen = traces.length > 0;
    if (problem !== null && !seen) throw problem;
    const analysis = gate.judge(seen ? await analyseTraces(traces, gate.analyseOptions) : emptyAnalysis(startedAt, Date.now() - startedAt.getTime()));
    // Without a trace there is no directory for an HTML report that nobody asked for.
    const targets = seen ? targetsIn(directory) : targetsIn('.', []);
    await render(analysis, targets, terminal, link);
    for (const line of describeGate(analysis)) say(line);
    if (args.open && seen) await openReport(targets);

    const { status, reason } = judge(analysis);
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
