/** How numbers and places are said in titles, advice and the summary. */
import type { WaitKind } from '../probes/trace/events.js';
import type { CallSite } from './model.js';

/** "0.4 ms", "12 ms", "1.25 s", "3 min 20 s". */
export function sayMs(ms: number): string {
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 99_950) return `${Number((ms / 1000).toPrecision(3))} s`;
  const seconds = Math.round(ms / 1000);
  const rest = seconds % 60;
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}

/** "97 %", "0.4 %". Never "100 %" for less, never "0 %" for more than nothing. */
export function sayShare(share: number): string {
  if (share <= 0) return '0 %';
  if (share < 0.001) return '< 0.1 %';
  if (share < 0.01) return `${(share * 100).toFixed(1)} %`;
  return share > 0.99 && share < 0.9995 ? '99 %' : `${Math.round(share * 100)} %`;
}

/** "1,204". */
export function sayCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** "once", "twice", "412 times". */
export function sayTimes(count: number): string {
  if (count === 1) return 'once';
  return count === 2 ? 'twice' : `${sayCount(count)} times`;
}

/** "1 request", "12 requests". */
export function sayMany(count: number, noun: string): string {
  return `${sayCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** "orders.ts:88". */
export function sayPlace(site: CallSite): string {
  return `${site.file}:${site.line}`;
}

/** "renderInvoice", or, without a name, "the function at orders.ts:88". */
export function sayFunction(site: CallSite | null): string {
  if (site === null) return 'the program';
  return site.function === '' ? `the function at ${sayPlace(site)}` : site.function;
}

/** "renderInvoice at orders.ts:88", or "the function at orders.ts:88". */
export function sayFunctionAt(site: CallSite): string {
  return site.function === '' ? sayFunction(site) : `${site.function} at ${sayPlace(site)}`;
}

const WAIT_NOUNS: Record<WaitKind, (detail: string) => string> = {
  timer: (detail) => `a timer${inBrackets(detail)}`,
  http: (detail) => (detail === '' ? 'an HTTP request' : detail),
  dns: (detail) => (detail === '' ? 'a DNS lookup' : `the DNS lookup of ${detail}`),
  socket: (detail) => (detail === '' ? 'a network connection' : `the connection to ${detail}`),
  file: (detail) => (detail === '' ? 'a file' : `the file ${detail}`),
  'child-process': (detail) => `a child process${inBrackets(detail)}`,
  worker: () => 'a worker thread',
  crypto: (detail) => `a crypto operation${inBrackets(detail)}`,
  zlib: () => 'compression',
  stream: () => 'a stream',
  checkout: () => 'another connection',
  query: () => 'a statement on another connection',
  signal: () => 'a signal',
  promise: () => 'a promise',
  unknown: () => 'something that is not the database',
};

function inBrackets(detail: string): string {
  return detail === '' ? '' : ` (${detail})`;
}

/** What is waited for: "a timer (100 ms)", "GET api.example.com/token", "the file /etc/hosts". */
export function sayWait(kind: WaitKind, detail: string): string {
  return WAIT_NOUNS[kind](detail);
}

export function onOneLine(text: string): string {
  return text.replace(/\s*[\r\n]\s*/g, ' ').trim();
}

/** A statement on one line, at most `length` characters. */
export function sayStatement(text: string, length = 60): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
