/**
 * HTTP requests and child processes that the program begins, so that an await can name them: method, host and path, or the
 * program's name; never a query, credentials or arguments.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { basename } from 'node:path';
import type { WaitKind } from '../trace/events.js';
import type { Checkout } from './checkouts.js';
import type { Operations } from './operations.js';

export interface OutgoingCall {
  readonly kind: WaitKind;
  /** Read late: node fills in what a child process is after it has told of it. */
  readonly detail: string;
  readonly startedAt: number;
  /** When something of it was last heard: its answer's head or end. */
  activeAt: number;
  /** The stack at which the first wait for it was started; 0: none yet. */
  started: number;
}

/** Calls to remember for one checkout. */
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
  getHeader?(name: string): unknown;
}

interface ChildProcess {
  spawnfile?: string;
}

/** Watches node's http module, undici (which `fetch` is made of) and child_process. Returns what undoes it. */
export function watchOutgoingCalls(operations: Operations, now: () => number): () => void {
  const calls = new WeakMap<object, OutgoingCall>();
  const begin = (subject: object, kind: WaitKind, describe: () => string): void => {
    const { owner, inner } = operations;
    if (owner === null) return;
    const at = now();
    const call: OutgoingCall = {
      kind,
      get detail() {
        return describe().slice(0, 200);
      },
      startedAt: at,
      activeAt: at,
      started: 0,
    };
    calls.set(subject, call);
    addCall(owner, call);
    if (inner !== null && inner !== owner) addCall(inner, call);
  };
  const touch = (message: unknown): void => {
    const call = calls.get((message as { request: object }).request);
    if (call !== undefined) call.activeAt = now();
  };
  const channels: Record<string, (message: unknown) => void> = {
    'undici:request:create': (message) => {
      const { request } = message as { request: UndiciRequest };
      begin(request, 'http', () => describeRequest(request.method, hostOf(String(request.origin ?? '')), request.path));
    },
    'undici:request:headers': touch,
    'undici:request:trailers': touch,
    'undici:request:error': touch,
    'http.client.request.start': (message) => {
      const { request } = message as { request: NodeRequest };
      begin(request, 'http', () => {
        const host = request.getHeader?.('host') ?? request.host;
        return describeRequest(request.method, typeof host === 'string' ? host : '', request.path);
      });
    },
    'http.client.response.finish': touch,
    child_process: (message) => {
      const { process } = message as { process: ChildProcess };
      begin(process, 'child-process', () => basename(process.spawnfile ?? '').replace(/\s.*$/s, ''));
    },
  };
  for (const [name, listener] of Object.entries(channels)) subscribe(name, listener);
  return () => {
    for (const [name, listener] of Object.entries(channels)) unsubscribe(name, listener);
  };
}

function addCall(checkout: Checkout, call: OutgoingCall): void {
  checkout.calls ??= [];
  if (checkout.calls.length >= MOST_CALLS) checkout.calls.shift();
  checkout.calls.push(call);
}

/** The call that a wait from `startMs` to `endMs` was most likely for: the one last heard of in it. */
export function callOf(calls: readonly OutgoingCall[] | null, startMs: number, endMs: number): OutgoingCall | null {
  let found: OutgoingCall | null = null;
  for (const call of calls ?? []) {
    const isOver = call.activeAt > call.startedAt && call.activeAt < startMs;
    if (call.startedAt <= endMs && !isOver && (found === null || call.activeAt >= found.activeAt)) found = call;
  }
  return found;
}

/** A request to a proxy has a whole URL for its path; a path may have parameters (`;jsessionid=…`) in each of its parts. */
function describeRequest(method = 'GET', host = '', path = '/'): string {
  const plain = path.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1').replace(/;[^/]*/g, '');
  return `${method} ${host.replace(/^.*@/s, '')}${plain}`;
}

function hostOf(origin: string): string {
  return origin.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/^[^/]*@/, '').replace(/\/.*$/s, '');
}
