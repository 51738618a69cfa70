/** Options of `lifeguard sweep`. */
import type { InferredOptionTypes, Options } from 'yargs';
import { ToolError } from '../errors.js';
import { LOAD_OPTIONS, readLoadPlan, type RequestPlan } from '../load/options.js';
import { numberOption, wholeOption } from '../numbers.js';
import { didYouMean } from '../suggest.js';

const { load, method, header, body, 'wait-for': waitFor, 'wait-timeout': waitTimeout } = LOAD_OPTIONS;
const FORMATS = ['terminal', 'json', 'html'] as const;
type SweepFormat = (typeof FORMATS)[number];
const ABORTS = ['errors'] as const;

export const SWEEP_OPTIONS = {
  from: { ...wholeOption('from'), describe: 'Requests at a time to begin with', defaultDescription: '1' },
  to: { ...wholeOption('to'), describe: 'Requests at a time to end with', defaultDescription: '64' },
  seconds: { ...numberOption('seconds'), describe: 'Seconds a step; longer where answers take long', defaultDescription: '2' },
  patience: { ...numberOption('patience'), describe: 'Seconds without any answer after which the service counts as stopped', defaultDescription: '3, more where answers take long' },
  'abort-on': { type: 'string', requiresArg: true, describe: `Stop at the first sign of harm: ${ABORTS.join(', ')} (no answer, or another than 2xx)` },
  format: { type: 'string', requiresArg: true, describe: FORMATS.join(', '), defaultDescription: 'terminal' },
  output: { type: 'string', requiresArg: true, describe: 'File for the HTML report', defaultDescription: 'lifeguard-sweep.html by the traces' },
  open: { type: 'boolean', describe: 'Open the HTML report in the browser' },
  out: { type: 'string', requiresArg: true, describe: 'Directory for the traces', defaultDescription: '.lifeguard/<time>' },
  load: { ...load, describe: 'The URL to send requests to (repeatable)' },
  method,
  header,
  body,
  'wait-for': waitFor,
  'wait-timeout': waitTimeout,
} as const satisfies Record<string, Options>;

export interface SweepOptions {
  command: string[];
  /** Of the command. */
  env: NodeJS.ProcessEnv;
  requests: Omit<RequestPlan, 'connections'>;
  waitFor: string | null;
  waitTimeoutMs: number;
  from: number;
  to: number;
  patienceMs: number;
  abortOnErrors: boolean;
  out: string | undefined;
}

const DEFAULT_TO = 64;
const DEFAULT_PATIENCE_S = 3;
const DEFAULT_SECONDS = 2;

/** @throws ToolError when the options do not fit together. */
export function readSweepOptions(args: InferredOptionTypes<typeof SWEEP_OPTIONS>, command: string[]): SweepOptions {
  const urls = args.load ?? [];
  if (urls.length === 0) throw new ToolError('sweep sends requests and needs to know where: --load http://127.0.0.1:3000/path');
  const from = args.from ?? urls.length;
  const to = args.to ?? Math.max(DEFAULT_TO, from);
  if (from > to) throw new ToolError(`--from is ${from} and --to is ${to}, expected --from not to be above --to`);
  if (from < urls.length) throw new ToolError(`--from is ${from}, expected at least one request at a time for each of the ${urls.length} URLs`);
  const abort = args['abort-on'];
  if (abort !== undefined && !(ABORTS as readonly string[]).includes(abort)) throw new ToolError(`--abort-on is ${JSON.stringify(abort)}, expected ${ABORTS.join(' or ')}${didYouMean(abort, ABORTS)}`);
  const plan = readLoadPlan({ ...args, connections: from, rate: undefined, 'on-port': undefined });
  if (plan === null || !('requests' in plan)) throw new ToolError('sweep needs --load');
  const { connections: _, ...requests } = plan.requests;
  return {
    command,
    env: process.env,
    requests: { ...requests, seconds: args.seconds ?? DEFAULT_SECONDS },
    waitFor: plan.waitFor,
    waitTimeoutMs: plan.waitTimeoutMs,
    from,
    to,
    patienceMs: (args.patience ?? DEFAULT_PATIENCE_S) * 1000,
    abortOnErrors: abort !== undefined,
    out: args.out,
  };
}

/** @throws ToolError for one that does not exist. */
export function readSweepFormat(text: string | undefined): SweepFormat {
  const format = FORMATS.find((name) => name === (text ?? 'terminal'));
  if (format === undefined) throw new ToolError(`--format is ${JSON.stringify(text)}, expected one of ${FORMATS.join(', ')}${didYouMean(text ?? '', FORMATS)}`);
  return format;
}
