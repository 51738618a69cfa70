import { defineCommand } from '../command.js';
import { ToolError } from '../errors.js';
import { didYouMean } from '../suggest.js';

const VARIANTS = ['faulty', 'fixed'] as const;

/** `lifeguard scenario run` */
export const scenarioRunCommand = defineCommand({
  usage: 'run [name..]',
  describe: 'Run a scenario on a real PostgreSQL and say what was found',
  positionals: { name: { type: 'string', array: true, describe: 'Scenarios; see scenario list' } },
  options: {
    all: { type: 'boolean', describe: 'Every scenario' },
    variant: { type: 'string', requiresArg: true, describe: `Only ${VARIANTS.join(' or ')}`, defaultDescription: 'both' },
    database: { type: 'string', requiresArg: true, describe: 'URL of a PostgreSQL to use', defaultDescription: 'DATABASE_URL, else an embedded one' },
  },
  examples: [
    ['scenario run eleventh-request', 'the eleventh request waits for a pool of ten'],
    ['scenario run --all --variant faulty', 'every fault'],
  ],
  async run(args, { terminal }) {
    const variant = VARIANTS.find((name) => name === args.variant);
    if (args.variant !== undefined && variant === undefined) {
      throw new ToolError(`--variant is ${JSON.stringify(args.variant)}, expected ${VARIANTS.join(' or ')}${didYouMean(args.variant, VARIANTS)}`);
    }
    const { SCENARIOS } = await import('../../scenarios/catalogue.js');
    const names = SCENARIOS.map(({ name }) => name);
    const given = args.name ?? [];
    for (const name of given) {
      if (!names.includes(name)) throw new ToolError(`there is no scenario "${name}", expected ${names.join(', ')}${didYouMean(name, names)}`);
    }
    if (given.length > 0 && args.all) throw new ToolError(`--all and ${given[0]} exclude each other: --all runs every scenario`);
    if (given.length === 0 && !args.all) throw new ToolError(`which scenario? expected ${names.join(', ')}, or --all`);
    const { runScenarios } = await import('../scenario/run.js');
    const chosen = SCENARIOS.filter(({ name }) => args.all || given.includes(name));
    return await runScenarios(chosen, { terminal, databaseUrl: args.database ?? process.env['DATABASE_URL'], ...(variant && { variant }) });
  },
});
