/** The load options: what yargs knows of them, and the plan that they make. */
import type { InferredOptionTypes, Options } from 'yargs';
import { HTTP_METHODS, parseHttpUrl, type HttpMethod } from '../../scenarios/load/options.js';
import { ToolError } from '../errors.js';
import { numberOption, wholeOption } from '../numbers.js';

const GROUP = 'Load (drives a service, then ends it):';

export const LOAD_OPTIONS = {
  load: { type: 'array', string: true, requiresArg: true, group: GROUP, describe: 'Send requests to this URL once its port accepts (repeatable)' },
  connections: { ...wholeOption('connections'), group: GROUP, describe: 'Requests in flight at a time', defaultDescription: '20' },
  seconds: { ...numberOption('seconds'), group: GROUP, describe: 'How long to send requests', defaultDescription: '10' },
  rate: { ...numberOption('rate'), group: GROUP, describe: 'Requests a second at most', defaultDescription: 'as many as are answered' },
  method: { type: 'string', requiresArg: true, group: GROUP, describe: HTTP_METHODS.join(', '), defaultDescription: 'GET, with --body POST' },
  header: { type: 'array', string: true, requiresArg: true, group: GROUP, describe: '"name: value" (repeatable)' },
  body: { type: 'string', requiresArg: true, group: GROUP, describe: 'Request body' },
  'wait-for': { type: 'string', requiresArg: true, group: GROUP, describe: 'Begin when a GET of this URL is answered (below 500)' },
  'wait-timeout': { ...numberOption('wait-timeout'), group: GROUP, describe: 'Seconds to wait for the service', defaultDescription: '30' },
  'on-port': { type: 'string', requiresArg: true, group: GROUP, describe: 'Instead of --load: run this shell line, with PORT set, once the program listens' },
} as const satisfies Record<string, Options>;

type LoadArguments = InferredOptionTypes<typeof LOAD_OPTIONS>;

/** Requests that we send. */
export interface RequestPlan {
  urls: string[];
  connections: number;
  seconds: number;
  rate?: number;
  method: HttpMethod;
  headers?: Record<string, string>;
  body?: string;
}

/** What is done with the service once it is there. */
export type LoadPlan = { waitFor: string | null; waitTimeoutMs: number } & ({ requests: RequestPlan } | { onPort: string });

/** More than a pool has by default (10), so that one sees it wait. */
const DEFAULT_CONNECTIONS = 20;

/**
 * @returns null when no load was asked for.
 * @throws ToolError when the options do not fit together.
 */
export function readLoadPlan(args: LoadArguments): LoadPlan | null {
  const common = { waitFor: args['wait-for'] ?? null, waitTimeoutMs: (args['wait-timeout'] ?? 30) * 1000 };
  if (common.waitFor !== null) checkUrl('--wait-for', common.waitFor);
  if (args['on-port'] !== undefined) {
    if (args.load !== undefined) throw new ToolError('--on-port and --load exclude each other: the command of --on-port is the load');
    rejectWithout(args, REQUEST_OPTIONS, '--load');
    return { ...common, onPort: args['on-port'] };
  }
  if (args.load === undefined) {
    rejectWithout(args, REQUEST_OPTIONS, '--load');
    rejectWithout(args, ['wait-for', 'wait-timeout'], '--load or --on-port');
    return null;
  }
  for (const url of args.load) checkUrl('--load', url);
  return { ...common, requests: readRequests(args, args.load) };
}

const REQUEST_OPTIONS = ['connections', 'seconds', 'rate', 'method', 'header', 'body'] as const;

function readRequests(args: LoadArguments, urls: string[]): RequestPlan {
  const { rate, body } = args;
  const connections = args.connections ?? Math.max(urls.length, Math.min(DEFAULT_CONNECTIONS, Math.floor(rate ?? Infinity)));
  return {
    urls,
    connections,
    seconds: args.seconds ?? 10,
    method: readMethod(args.method ?? (body === undefined ? 'GET' : 'POST')),
    ...(rate !== undefined && { rate }),
    ...(body !== undefined && { body }),
    ...(args.header !== undefined && { headers: Object.fromEntries(args.header.map(readHeader)) }),
  };
}

function readMethod(text: string): HttpMethod {
  const method = HTTP_METHODS.find((name) => name === text.toUpperCase());
  if (method === undefined) throw new ToolError(`--method is ${JSON.stringify(text)}, expected one of ${HTTP_METHODS.join(', ')}`);
  return method;
}

function readHeader(text: string): [string, string] {
  const colon = text.indexOf(':');
  if (colon < 1) throw new ToolError(`--header is ${JSON.stringify(text)}, expected "name: value"`);
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}

function checkUrl(option: string, url: string): void {
  try {
    parseHttpUrl(url);
  } catch {
    throw new ToolError(`${option} is ${JSON.stringify(url)}, expected http://host:port/path`);
  }
}

function rejectWithout(args: LoadArguments, names: readonly (keyof LoadArguments)[], needed: string): void {
  const given = names.find((name) => args[name] !== undefined);
  if (given !== undefined) throw new ToolError(`--${given} needs ${needed}`);
}
