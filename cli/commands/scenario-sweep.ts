import { defineCommand } from '../command.js';
import { ToolError } from '../errors.js';
import { didYouMean } from '../suggest.js';
import { readSweepFormat, readSweepOptions, SWEEP_OPTIONS } from '../sweep/options.js';

const VARIANTS = ['faulty', 'fixed'] as const;
const { load: _load, method: _method, header: _header, body: _body, 'wait-for': _waitFor, 'wait-timeout': _waitTimeout, ...OPTIONS } = SWEEP_OPTIONS;
const OURS = { load: undefined, method: undefined, header: undefined, body: undefined, 'wait-for': undefined, 'wait-timeout': undefined };

/** `lifeguard scenario sweep` */
export const scenarioSweepCommand = defineCommand({
  usage: 'sweep [name]',
  describe: 'Sweep the service of a scenario: at how many concurrent requests does it starve?',
  positionals: { name: { type: 'string', describe: 'The scenario; see scenario list' } },
  options: {
    variant: { type: 'string', requiresArg: true, describe: VARIANTS.join(' or '), defaultDescription: 'faulty' },
    database: { type: 'string', requiresArg: true, describe: 'URL of a PostgreSQL to use', defaultDescription: 'DATABASE_URL, else an embedded one' },
    ...OPTIONS,
  },
  examples: [['scenario sweep nested-checkout --to 16', 'the eleventh connection of a pool of ten']],
  async run(args, { terminal }) {
    const variant = VARIANTS.find((name) => name === (args.variant ?? 'faulty'));
    if (variant === undefined) throw new ToolError(`--variant is ${JSON.stringify(args.variant)}, expected ${VARIANTS.join(' or ')}${didYouMean(args.variant ?? '', VARIANTS)}`);
    const [{ SCENARIOS }, { isStaircase }] = await Promise.all([import('../../scenarios/catalogue.js'), import('../../scenarios/summary.js')]);
    // The fault of others does not come with more requests of one kind.
    const scenarios = SCENARIOS.filter((one) => isStaircase(one) && one.variants[variant] !== undefined);
    const names = scenarios.map(({ name }) => name);
    const scenario = scenarios.find(({ name }) => name === args.name);
    if (scenario === undefined) {
      throw new ToolError(args.name === undefined ? `which scenario? expected one of ${names.join(', ')}` : `there is nothing to sweep in "${args.name}", expected one of ${names.join(', ')}${didYouMean(args.name, names)}`);
    }
    const obstacle = scenario.findObstacle?.() ?? null;
    if (obstacle !== null) throw new ToolError(`${scenario.name} cannot be run: ${obstacle}`);
    const format = readSweepFormat(args.format);
    // What makes no sense is said before anything is started.
    const planSweep = (command: string[], url: string, method: string) => readSweepOptions({ ...args, ...OURS, load: [url], method }, command);
    planSweep([], 'http://127.0.0.1/', 'GET');
    const { sweepScenario } = await import('../scenario/sweep.js');
    const reporting = { format, output: args.output, open: args.open ?? false, terminal };
    return await sweepScenario({ scenario, variant, databaseUrl: args.database ?? process.env['DATABASE_URL'], planSweep, reporting });
  },
});
