import { defineCommand } from '../command.js';
import { EXIT, reportError } from '../errors.js';
import { RECORD_OPTIONS, readRecordOptions } from '../record/options.js';

/** `lifeguard record`: the traces only. */
export const recordCommand = defineCommand({
  usage: 'record',
  takesProgram: true,
  describe: 'Record what a program does with its connections',
  positionals: {},
  options: RECORD_OPTIONS,
  examples: [
    ['record -- node app.js', 'until it ends'],
    ['record --duration 60 --out traces -- npm start', 'for a minute'],
    ['record --load http://127.0.0.1:3000/orders -- npx tsx app.ts', 'while it is driven'],
    ['record --deep --duration 30 -- npm start', 'with what is behind each await'],
  ],
  async run(args, { program }) {
    const options = readRecordOptions(args, program, 'stdout');
    const { record } = await import('../record/record.js');
    const { status, problem } = await record(options);
    if (problem === null) return status;
    reportError(problem, false);
    return EXIT.failed;
  },
});
