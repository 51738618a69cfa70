import { defineCommand } from '../command.js';
import { EXIT, ToolError } from '../errors.js';
import { wholeOption } from '../numbers.js';
import { CONFIG_OPTIONS, openGate } from '../report/gate.js';
import { requireTraces, TRACES } from '../report/traces.js';
import { didYouMean } from '../suggest.js';
import { writeOut } from '../terminal.js';

const FORMATS = ['terminal', 'json'] as const;

/** `lifeguard whatif`: replays recorded checkouts through a simulated pool. It judges nothing: the exit code is 0. */
export const whatIfCommand = defineCommand({
  usage: 'whatif [trace..]',
  describe: 'Simulate the recorded checkouts with another pool, or without a finding',
  positionals: TRACES,
  options: {
    'pool-max': { ...wholeOption('pool-max'), describe: 'Connections in the pool', defaultDescription: 'as recorded' },
    without: { type: 'array', string: true, requiresArg: true, describe: 'Fingerprint of a finding whose time is given back, or its beginning (repeatable)' },
    pool: { type: 'string', requiresArg: true, describe: 'Id of the pool, as in the report', defaultDescription: 'the one that was exhausted the longest' },
    ...CONFIG_OPTIONS,
    format: { type: 'string', requiresArg: true, describe: FORMATS.join(', '), defaultDescription: 'terminal' },
  },
  examples: [
    ['whatif traces', 'which change would help the most'],
    ['whatif traces --pool-max 20', 'how long would requests have waited for a pool of twenty'],
    ['whatif traces --without 534650cc', 'and if that line did not hold a connection'],
  ],
  async run(args, { terminal }) {
    const traces = requireTraces('whatif', args.trace);
    const format = FORMATS.find((name) => name === (args.format ?? 'terminal'));
    if (format === undefined) throw new ToolError(`--format is ${JSON.stringify(args.format)}, expected one of ${FORMATS.join(', ')}${didYouMean(args.format ?? '', FORMATS)}`);
    const gate = await openGate(args);
    const [{ analyseTraces }, { askWhatIf }, { renderWhatIfTerminal }, { renderWhatIfJson }] = await Promise.all([
      import('../report/analyse-traces.js'),
      import('../../reports/what-if/what-if.js'),
      import('../../reports/what-if/render-terminal.js'),
      import('../../reports/what-if/render-json.js'),
    ]);
    const { pool, without } = args;
    const poolMax = args['pool-max'];
    const whatIf = askWhatIf(gate.judge(await analyseTraces(traces, gate.analyseOptions)), { ...(pool !== undefined && { pool }), ...(poolMax !== undefined && { poolMax }), ...(without !== undefined && { without }) });
    await writeOut(format === 'json' ? renderWhatIfJson(whatIf) : renderWhatIfTerminal(whatIf, terminal));
    return EXIT.clean;
  },
});
