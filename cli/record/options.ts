/** Options of the commands that record a program. */
import type { InferredOptionTypes, Options } from 'yargs';
import { LOAD_OPTIONS, readLoadPlan } from '../load/options.js';
import { KEEP_FORMAT, parseKeep } from '../../probes/recorder/keep.js';
import { ToolError } from '../errors.js';
import { numberOption } from '../numbers.js';
import type { RecordOptions } from './record.js';

export const RECORD_OPTIONS = {
  out: { type: 'string', requiresArg: true, describe: 'Directory for the traces', defaultDescription: '.lifeguard/<time>' },
  duration: { ...numberOption('duration'), describe: 'End the command after so many seconds; that is no failure' },
  keep: { type: 'string', requiresArg: true, describe: 'Of each process, keep only the last minutes or megabytes (10m, 500MB)', defaultDescription: 'all' },
  grace: { ...numberOption('grace'), describe: 'Seconds between SIGTERM and SIGKILL when the command is ended', defaultDescription: '5' },
  deep: { type: 'boolean', describe: "Show the async operations behind each await, by clinic's trace: ten times slower, for a minute at most" },
  ...LOAD_OPTIONS,
} as const satisfies Record<string, Options>;

/** @throws ToolError when the options do not fit together. */
export function readRecordOptions(
  args: InferredOptionTypes<typeof RECORD_OPTIONS>,
  command: string[],
  output: RecordOptions['output'],
): RecordOptions {
  const keep = readKeep(args.keep);
  return {
    command,
    output,
    load: readLoadPlan(args),
    graceMs: (args.grace ?? 5) * 1000,
    ...(keep !== undefined && { keep }),
    deep: args.deep ?? false,
    ...(args.out !== undefined && { out: args.out }),
    ...(args.duration !== undefined && { durationMs: args.duration * 1000 }),
  };
}

/** Of several the last one counts; LIFEGUARD_KEEP, which the program would inherit, is judged here, too. */
function readKeep(given: string | string[] | undefined): string | undefined {
  const option = [given].flat().at(-1);
  const text = option ?? process.env['LIFEGUARD_KEEP'];
  if (text === undefined || (option === undefined && text === '')) return undefined;
  if (parseKeep(text) === null) throw new ToolError(`${option === undefined ? 'LIFEGUARD_KEEP' : '--keep'} is ${JSON.stringify(text)}, expected ${KEEP_FORMAT}`);
  return text;
}
