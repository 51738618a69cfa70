/** Options of the commands that record a program. */
import type { InferredOptionTypes, Options } from 'yargs';
import { LOAD_OPTIONS, readLoadPlan } from '../load/options.js';
import { numberOption } from '../numbers.js';
import type { RecordOptions } from './record.js';

export const RECORD_OPTIONS = {
  out: { type: 'string', requiresArg: true, describe: 'Directory for the traces', defaultDescription: '.lifeguard/<time>' },
  duration: { ...numberOption('duration'), describe: 'End the command after so many seconds; that is no failure' },
  grace: { ...numberOption('grace'), describe: 'Seconds between SIGTERM and SIGKILL when the command is ended', defaultDescription: '5' },
  ...LOAD_OPTIONS,
} as const satisfies Record<string, Options>;

/** @throws ToolError when the options do not fit together. */
export function readRecordOptions(
  args: InferredOptionTypes<typeof RECORD_OPTIONS>,
  command: string[],
  output: RecordOptions['output'],
): RecordOptions {
  return {
    command,
    output,
    load: readLoadPlan(args),
    graceMs: (args.grace ?? 5) * 1000,
    ...(args.out !== undefined && { out: args.out }),
    ...(args.duration !== undefined && { durationMs: args.duration * 1000 }),
  };
}
