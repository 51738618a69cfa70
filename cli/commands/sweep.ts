import { defineCommand } from '../command.js';
import { readSweepFormat, readSweepOptions, SWEEP_OPTIONS } from '../sweep/options.js';

/** `lifeguard sweep`: the concurrency at which a service starves. Stdout is the report's alone. */
export const sweepCommand = defineCommand({
  usage: 'sweep',
  takesProgram: true,
  describe: 'Find the number of concurrent requests at which a service starves (exit code 1 if it does, 0 if not)',
  positionals: {},
  options: SWEEP_OPTIONS,
  examples: [
    ['sweep --load http://127.0.0.1:3000/orders -- npm start', 'from 1 to 64 requests at a time'],
    ['sweep --to 200 --abort-on errors --load http://127.0.0.1:3000/orders -- node app.js', 'further, but no further than it bears'],
    ['sweep --format json --load http://127.0.0.1:3000/ --body "{}" -- node app.js', 'POST requests; the result for other programs'],
  ],
  async run(args, { terminal, program }) {
    const options = readSweepOptions(args, program);
    const format = readSweepFormat(args.format);
    const { runSweep } = await import('../sweep/run.js');
    return await runSweep(options, { format, output: args.output, open: args.open ?? false, terminal });
  },
});
