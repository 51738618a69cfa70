/** HTTP requests that the program makes, so that an await can name them: method, host and path, never a query or credentials. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Operations } from './operations.js';

export interface HttpCall {
  readonly detail: string;
  readonly startedAt: number;
  /** When something of it was last heard: its answer's head or end. */
  activeAt: number;
}

/** Requests to remember for one checkout. */
const MOST_CALLS = 50;

interface UndiciRequest {
  origin?: string | URL;
  path?: string;
  method?: string;
}

interface NodeRequest {
  method?: string;
  path?: string;
  host?: string;
  protocol?: string;
  getHeader?(name: string): unknown;
}

type Channels = Record<string, (message: unknown) => void>;

/** Watches node's http module and undici (which `fetch` is made of). Returns what undoes it. */
export function watchHttpCalls(operations: Operations, now: () => number): () => void {
  const calls = new WeakMap<object, HttpCall>();
  const begin = (request: object, detail: string): void => {
    const { owner } = operations;
    if (owner === null) return;
    const call: HttpCall = { detail, startedAt: now(), activeAt: now() };
    calls.set(request, call);
    owner.httpCalls ??= [];
    if (owner.httpCalls.length >= MOST_CALLS) owner.httpCalls.shift();
    owner.httpCalls.push(call);
  };
  const touch = (message: unknown): void => {
    const call = calls.get((message as { request: object }).request);
    if (call !== undefined) call.activeAt = now();
  };
  const channels: Channels = {
    'undici:request:create': (message) => {
      const request = (message as { request: UndiciRequest }).request;
      begin(request, describe(request.method, hostOf(String(request.origin ?? '')), request.path));
    },
    'undici:request:headers': touch,
    'undici:request:trailers': touch,
    'undici:request:error': touch,
    'http.client.request.start': (message) => {
      const request = (message as { request: NodeRequest }).request;
      const host = request.getHeader?.('host') ?? request.host;
      begin(request, describe(request.method, typeof host === 'string' ? host : '', request.path));
    },
    'http.client.response.finish': touch,
  };
  for (const [name, listener] of Object.entries(channels)) subscribe(name, listener);
  return () => {
    for (const [name, listener] of Object.entries(channels)) unsubscribe(name, listener);
  };
}

/** The call that a wait from `startMs` to `endMs` was most likely for: the one last heard of in it. */
export function callOf(calls: readonly HttpCall[] | null, startMs: number, endMs: number): HttpCall | null {
  let found: HttpCall | null = null;
  for (const call of calls ?? []) {
    if (call.startedAt <= endMs && call.activeAt >= startMs && (found === null || call.activeAt >= found.activeAt)) found = call;
  }
  return found;
}

function describe(method = 'GET', host = '', path = '/'): string {
  return `${method} ${host}${path.replace(/[?#].*$/s, '')}`.slice(0, 200);
}

function hostOf(origin: string): string {
  return origin.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/^[^@/]*@/, '').replace(/\/.*$/s, '');
}
