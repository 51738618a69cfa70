/** async_hooks' names, said so that people know them. */

import type { DeepEvidence } from '../model.js';

const NOUNS: readonly (readonly [RegExp, string])[] = [
  [/^PROMISE$/, 'a promise'],
  [/^Timeout$/, 'a timer'],
  [/^Immediate$/, 'an immediate'],
  [/^TickObject$/, 'a next tick'],
  [/^Microtask$/, 'a microtask'],
  [/^TCPCONNECTWRAP$/, 'the opening of a socket'],
  [/^TCPSERVERWRAP$/, 'a server'],
  [/^(?:TCP|TLS)WRAP$/, 'a socket'],
  [/^PIPE(?:CONNECT)?WRAP$/, 'a pipe'],
  [/^(?:HTTPINCOMINGMESSAGE|HTTPSERVERREQUEST)$/, 'an incoming HTTP request'],
  [/^HTTPCLIENTREQUEST$/, 'an HTTP request'],
  [/^(?:SHUTDOWN|WRITE)WRAP$/, 'a write to a socket'],
  [/^(?:FSREQ|FILEHANDLE)/, 'a file operation'],
  [/^(?:GETADDRINFO|GETNAMEINFO|QUERYWRAP|DNSCHANNEL)/, 'a DNS lookup'],
  [/^PROCESSWRAP$/, 'a child process'],
  [/^(?:WORKER|MESSAGEPORT)/, 'a worker thread'],
  [/^(?:PBKDF2|SCRYPT|RANDOM|SIGN|VERIFY|HASH|KEY|CIPHER|DERIVEBITS|CHECKPRIME)/, 'a crypto operation'],
  [/^(?:ZLIB|COMPRESSION)/, 'compression'],
];

/** "a timer (Timeout)"; what a program named itself is said as it is. */
export function sayOperation(type: string): string {
  const noun = NOUNS.find(([pattern]) => pattern.test(type))?.[1];
  return noun === undefined ? type : `${noun} (${type})`;
}

/** "async_hooks agrees", "async_hooks does not confirm this (2 of 10 times)". */
export function sayWitness({ agrees, differs }: Pick<DeepEvidence, 'agrees' | 'differs'>): string {
  if (differs === 0) return 'async_hooks agrees';
  return agrees === 0 ? 'async_hooks does not confirm this' : `async_hooks does not confirm this ${differs} of ${agrees + differs} times`;
}
