/** One line an observation, `name = value`; what differs from run to run is replaced. */
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inspect } from 'node:util';

const [, minor] = createRequire(import.meta.url)('pg/package.json').version.split('.');
/** Before 8.12, pg throws out of a callback, at nobody, when it is given nothing to query; and its pools are stuck after that, or a broken client. */
export const throwsAtNobody = Number(minor) < 12;

const REPEATED = new Map();

export function say(name, value) {
  const text = typeof value === 'string' ? value : inspect(value, { depth: 4, breakLength: Infinity, compact: true });
  const count = (REPEATED.get(name) ?? 0) + 1;
  REPEATED.set(name, count);
  // Not by the console, as the program's streams are observed too; and a line of its own, whatever is in it.
  appendFileSync(new URL('observations.txt', import.meta.url), `${name}${count > 1 ? ` #${count}` : ''} = ${JSON.stringify(steady(text))}\n`);
}

function steady(text) {
  return text
    // Which of node's loops runs a promise's job depends on what else there is to do.
    .replace(/\n    at (?:(?:process\.)?processTicksAndRejections .*|runNextTicks .*(?:\n    at (?:listOnTimeout|process\.process(?:Timers|Immediate)) .*)*)/g, '')
    .replace(/(processID|secretKey|pid|port|_idleStart|_expiry|expiry|msecs|fd|bytesRead|bytesWritten|asyncId|triggerId|priorityQueuePosition|_poolUseCount): -?\d+/g, '$1: N')
    .replace(/\[Symbol\((async_id_symbol|asyncId|trigger_async_id_symbol|triggerId|kResourceStore)\)\]: -?\d+/g, '[Symbol($1)]: N')
    .replace(/postgres:\/\/[^'\s]+/g, 'URL')
    .replace(/(password|database|host|user): '[^']*'/g, "$1: '…'")
    .replace(/test_\d+/g, 'test_N')
    .replace(/127\.0\.0\.1:\d+/g, 'HOST');
}

/** What a call returns, throws, or comes to. */
export async function outcomeOf(call) {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

export const properties = (object) => Reflect.ownKeys(object).map(String).toSorted().join(' ');

/** Property flags, a function's name and length. */
export function flags(object, name) {
  const { value, ...more } = Object.getOwnPropertyDescriptor(object, name) ?? {};
  const kinds = Object.entries(more).map(([key, flag]) => `${key}:${typeof flag === 'function' ? `${flag.name}/${flag.length}` : flag}`);
  return [...kinds, value?.name, value?.length].join(' ');
}

export const listeners = (emitter) => emitter.eventNames().map((name) => `${String(name)}:${emitter.listenerCount(name)}`).toSorted().join(' ');
