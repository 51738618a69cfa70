/** What a load is made of, and what makes no sense. */

export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];

export interface LoadOptions {
  /** http: or https: URLs. Several are given to the connections in turn. */
  urls: string[];
  /** Requests in flight at a time. */
  connections: number;
  /** How long; fractions are allowed. */
  seconds?: number;
  /** How many responses; at least one a connection. */
  amount?: number;
  /** Requests a second over all connections, at most; at least one a connection. */
  rate?: number;
  method?: HttpMethod;
  headers?: Record<string, string>;
  body?: string;
  /** When an unanswered request is given up: a whole number (10). */
  timeoutSeconds?: number;
  /** Ends the load early. */
  signal?: AbortSignal;
  /** About ten times a second, and once at the end. `fraction`: 0 to 1; `requests`: answers so far. */
  onProgress?: (fraction: number, requestsPerSecond: number, requests: number) => void;
}

/** A load that cannot be driven; its message is one line for the user. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

/** @throws LoadError naming the option, what it was, and what is allowed. */
export function checkLoad(options: LoadOptions): void {
  if (options.urls.length === 0) throw new LoadError('load: no URL given, expected http://host:port/path');
  for (const url of options.urls) parseHttpUrl(url);
  requireWhole('connections', options.connections);
  if (options.amount !== undefined) requireWhole('amount', options.amount);
  if (options.rate !== undefined) requireWhole('rate', options.rate);
  if (options.seconds !== undefined) requirePositive('seconds', options.seconds);
  if (options.timeoutSeconds !== undefined) requireWhole('timeoutSeconds', options.timeoutSeconds);
  const method: string = options.method ?? 'GET';
  if (!(HTTP_METHODS as readonly string[]).includes(method)) {
    throw new LoadError(`load: method is ${method}, expected one of ${HTTP_METHODS.join(', ')}`);
  }
  for (const [name, atLeast] of [['amount', options.amount], ['rate', options.rate]] as const) {
    if (atLeast !== undefined && atLeast < options.connections) {
      throw new LoadError(`load: ${name} is ${atLeast}, expected at least one for each of the ${options.connections} connections`);
    }
  }
  if (options.urls.length > options.connections) {
    throw new LoadError(`load: ${options.urls.length} URLs share ${options.connections} connections, expected at least one connection for each`);
  }
}

/** @throws LoadError when `text` is no http: or https: URL. */
export function parseHttpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new LoadError(`load: ${JSON.stringify(text)} is no URL to drive, expected http://host:port/path`);
  }
  return url;
}

function requireWhole(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) throw new LoadError(`load: ${name} is ${value}, expected a whole number from 1`);
}

function requirePositive(name: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) throw new LoadError(`load: ${name} is ${value}, expected a number above 0`);
}
