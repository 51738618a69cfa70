/** What an asynchronous operation is, after node's names for its resources (https://nodejs.org/api/async_hooks.html). */
import type { WaitKind } from '../trace/events.js';

export const OPERATION = {
  promise: 0,
  /** Runs as soon as the program returns to the event loop: ticks, microtasks, immediates. Never a wait of its own. */
  immediate: 1,
  /** The result of a statement. */
  statement: 2,
  /** A pool handed out a connection. */
  acquire: 3,
  timer: 4,
  http: 5,
  dns: 6,
  socket: 7,
  file: 8,
  childProcess: 9,
  worker: 10,
  crypto: 11,
  zlib: 12,
  signal: 13,
  other: 14,
} as const;
export type OperationKind = (typeof OPERATION)[keyof typeof OPERATION];

export const WAIT_OF_OPERATION: Record<OperationKind, WaitKind> = {
  [OPERATION.promise]: 'promise',
  [OPERATION.immediate]: 'unknown',
  [OPERATION.statement]: 'query',
  [OPERATION.acquire]: 'checkout',
  [OPERATION.timer]: 'timer',
  [OPERATION.http]: 'http',
  [OPERATION.dns]: 'dns',
  [OPERATION.socket]: 'socket',
  [OPERATION.file]: 'file',
  [OPERATION.childProcess]: 'child-process',
  [OPERATION.worker]: 'worker',
  [OPERATION.crypto]: 'crypto',
  [OPERATION.zlib]: 'zlib',
  [OPERATION.signal]: 'signal',
  [OPERATION.other]: 'unknown',
};

const BY_PATTERN: readonly (readonly [RegExp, OperationKind])[] = [
  [/^(?:TickObject|Immediate|Microtask)$/, OPERATION.immediate],
  [/^Timeout$/, OPERATION.timer],
  [/^HTTP/, OPERATION.http],
  [/^(?:DNSCHANNEL|QUERYWRAP|GETADDRINFOREQWRAP|GETNAMEINFOREQWRAP)$/, OPERATION.dns],
  [/^(?:TCP|TLS|PIPE|UDP|STREAM|QUIC|JSSTREAM|JSUDP|TTY|SHUTDOWNWRAP|WRITEWRAP)/, OPERATION.socket],
  [/^(?:FS|FILEHANDLE|STATWATCHER|DIRHANDLE|BLOBREADER)/, OPERATION.file],
  [/^PROCESSWRAP$/, OPERATION.childProcess],
  [/^(?:WORKER|MESSAGEPORT)/, OPERATION.worker],
  [/^(?:PBKDF2|SCRYPT|RANDOM|SIGN|VERIFY|HASH|KEY|CIPHER|DERIVEBITS|CHECKPRIME|SECURE|ARGON2)/, OPERATION.crypto],
  [/^(?:ZLIB|COMPRESSION)/, OPERATION.zlib],
  [/^SIGNALWRAP$/, OPERATION.signal],
];

const known = new Map<string, OperationKind>();

/** @param type as given to an `init` hook. */
export function kindOfResource(type: string): OperationKind {
  let kind = known.get(type);
  if (kind === undefined) {
    kind = BY_PATTERN.find(([pattern]) => pattern.test(type))?.[1] ?? OPERATION.other;
    // Types of user land (AsyncResource) are free text; the names of node's own are few.
    if (known.size < 500) known.set(type, kind);
  }
  return kind;
}
