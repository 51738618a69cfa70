/** Requests as scenarios write them: "/time", "POST /orders", and, to one of several servers, "TOKEN_URL POST /slow". */
import { HTTP_METHODS, type HttpMethod, type LoadOptions } from './load/options.js';
import { ScenarioError } from './scenario.js';

/** URLs of a scenario's servers, by their names in the environment. */
export type Urls = Record<string, string>;

/** What a load that asks the service for `request` is made of. */
export function loadOf(urls: Urls, request: string): Pick<LoadOptions, 'urls' | 'method'> {
  const { url, method } = parseRequest(urls, request);
  return { urls: [url], method };
}

/**
 * Asks once, and resolves with what the answer says.
 * @throws ScenarioError when there is none, or with another status than 2xx.
 */
export async function ask(urls: Urls, request: string): Promise<string> {
  const { url, method } = parseRequest(urls, request);
  let problem: unknown;
  try {
    const response = await fetch(url, { method, signal: AbortSignal.timeout(ANSWER_MS) });
    const text = await response.text();
    if (response.ok) return text;
    problem = `${response.status} ${text}`;
  } catch (error) {
    problem = error instanceof Error ? error.message : error;
  }
  throw new ScenarioError(`${request} was not answered: ${String(problem)}`);
}

const ANSWER_MS = 10_000;

function parseRequest(urls: Urls, request: string): { url: string; method: HttpMethod } {
  const words = request.split(' ');
  const path = words.pop() ?? '';
  const given = words.pop() ?? 'GET';
  const name = words.pop() ?? 'SERVICE_URL';
  const method = HTTP_METHODS.find((known) => known === given);
  const server = urls[name];
  if (!path.startsWith('/') || method === undefined || server === undefined) {
    throw new ScenarioError(`"${request}" is no request, expected [${Object.keys(urls).join('|')}] [${HTTP_METHODS.join('|')}] /path`);
  }
  return { url: server + path, method };
}
