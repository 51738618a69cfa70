/** Traces as the probe would write them, made by hand. */
import type { CheckoutLine, TraceLine } from '../../probes/trace/events.js';

const START: TraceLine[] = [
  { type: 'trace', version: 1, tool: '0.1.0', startedAt: 1_790_000_000_000, pid: 4711, ppid: 1, thread: 0, node: 'v20.19.0', platform: 'linux', cwd: '/srv/shop', script: '/srv/shop/app.js' },
  { type: 'stack', id: 1, frames: [['makePool', '/srv/shop/db.js', 3, 14]] },
  { type: 'stack', id: 2, frames: [['placeOrder', '/srv/shop/orders.js', 88, 18]] },
  { type: 'statement', id: 1, text: 'begin' },
  { type: 'statement', id: 2, text: 'select ?' },
  { type: 'statement', id: 3, text: 'commit' },
  { type: 'pool', id: 1, t: 1, kind: 'pg-pool', version: '3.10.1', max: 10, acquireTimeoutMs: 0, stack: 1 },
  { type: 'connection', id: 1, t: 2, pool: 1, state: 'connecting' },
  { type: 'connection', id: 1, t: 8, pool: 1, state: 'connected', backend: 99 },
];

/** One transaction with a gap of `gapMs`, for an HTTP request, after its select. */
function checkout(id: number, gapMs: number): CheckoutLine {
  const waits = [{ t: 4, ms: gapMs, kind: 'http' as const, detail: 'GET pay.example/charge', started: 2, awaited: 2 }];
  return {
    type: 'checkout',
    id,
    t: 10 + id * (gapMs + 50),
    pool: 1,
    via: 'connect',
    stack: 2,
    connection: 1,
    waitMs: 0.1,
    useMs: 8 + gapMs,
    outcome: 'released',
    q: [
      [1, 1, 1, 'T'],
      [2, 2, 2, 'T'],
      [3, 5 + gapMs, 1, 'I'],
    ],
    ...(gapMs > 0 && { gaps: [{ t: 4, ms: gapMs, waits, ended: 2 }] }),
  };
}

function write(lines: readonly TraceLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Five transactions that each await a slow HTTP request at orders.js:88. */
export function traceWithAwait(): string {
  const checkouts = [1, 2, 3, 4, 5].map((id) => checkout(id, 800));
  return write([...START, ...checkouts, { type: 'end', t: 6000, exitCode: 0 }]);
}

/** Five transactions that do nothing but their statements. */
export function cleanTrace(): string {
  const checkouts = [1, 2, 3, 4, 5].map((id) => checkout(id, 0));
  return write([...START, ...checkouts, { type: 'end', t: 6000, exitCode: 0 }]);
}

/** A pool was made, and nobody asked for a connection. */
export function idleTrace(): string {
  return write([...START.slice(0, 7), { type: 'end', t: 6000, exitCode: 0 }]);
}
