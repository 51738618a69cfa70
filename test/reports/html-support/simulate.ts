import type { Checkout, Connection, Gap, Pool, Query, Recording, Stack, Statement, Timeline, Transaction, Wait } from '../../../reports/model.js';

/** A closed loop of clients against a pool: each of them asks again as soon as it is served. Deterministic. */
export interface Load {
  /** [from, clients]: how many clients there are from then on. */
  steps: [fromMs: number, clients: number][];
  endMs: number;
  max: number;
  /** What one request does: pauses between statements in milliseconds; `awaits` names the pause's await. */
  handler(n: number): Step[];
  /** Time a client takes between two requests. */
  thinkMs: number;
  acquireTimeoutMs?: number;
}

export type Step =
  | { do: 'query'; text: string; ms: number; status: 'I' | 'T' | 'E'; stack: Stack; error?: string }
  | { do: 'await'; ms: number; kind: Wait['kind']; detail: string; stack: Stack }
  | { do: 'idle'; ms: number };

/** A stack of application frames: "function file:line" each, innermost first. */
export function stackOf(...frames: string[]): Stack {
  return {
    frames: frames.map((text) => {
      const match = /^(\S*) (.+):(\d+)$/.exec(text);
      if (match === null) throw new Error(`not a frame: ${text}`);
      return { function: match[1] ?? '', file: match[2] ?? '', line: Number(match[3]), column: 5 };
    }),
    via: null,
  };
}

/** A small repeatable source of numbers from 0 to 1. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function simulate(load: Load): Timeline {
  const recording = makeRecording(load.endMs);
  const madeAt = stackOf('createPool src/database.ts:9');
  const pool: Pool = { id: '4711:1', recording, kind: 'pg-pool', version: '3.14.0', max: load.max, acquireTimeoutMs: load.acquireTimeoutMs ?? 0, madeAt, firstMs: 12 };
  const connections: Connection[] = [];
  const freeAt: number[] = [];
  const checkouts: Checkout[] = [];
  const statements = new Map<string, Statement>();
  const clients = load.steps.flatMap(([from, count], i) => {
    const before = load.steps[i - 1]?.[1] ?? 0;
    return Array.from({ length: Math.max(0, count - before) }, (_, n) => from + 40 + n * 1.7);
  });
  const queue = clients.toSorted((a, b) => a - b);
  for (let n = 0; queue.length > 0; n++) {
    const requestedMs = queue.shift() ?? 0;
    if (requestedMs > load.endMs - 200) continue;
    let slot = freeAt.findIndex((ms) => ms <= requestedMs);
    if (slot < 0) slot = freeAt.length < load.max ? freeAt.length : freeAt.indexOf(Math.min(...freeAt));
    if (connections[slot] === undefined) {
      connections[slot] = { id: `4711:${slot + 1}`, pool, backend: 30_100 + slot, connectingMs: requestedMs, connectedMs: requestedMs + 6, closedMs: null, error: null };
    }
    const connection = connections[slot];
    if (connection === undefined) throw new Error('no connection');
    const acquiredMs = Math.max(requestedMs + 0.012, freeAt[slot] ?? requestedMs + 6.1);
    const checkout: Checkout = {
      id: `4711:${n + 1}`, pool, connection, via: 'connect', stack: stackOf('handleOrder src/routes/orders.ts:79', 'dispatch src/server.ts:31'), inside: null,
      requestedMs, acquiredMs, endedMs: null, outcome: 'released', error: '', queries: [], gaps: [], transactions: [],
    };
    const endedMs = play(checkout, load.handler(n), acquiredMs, statements);
    checkout.endedMs = Math.min(endedMs, load.endMs);
    freeAt[slot] = endedMs + 0.01;
    checkouts.push(checkout);
    insert(queue, endedMs + load.thinkMs);
  }
  return { recordings: [recording], pools: [pool], connections, checkouts, startMs: 0, endMs: load.endMs };
}

function insert(queue: number[], ms: number): void {
  let from = 0;
  let to = queue.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((queue[middle] ?? 0) <= ms) from = middle + 1;
    else to = middle;
  }
  queue.splice(from, 0, ms);
}

function play(checkout: Checkout, steps: Step[], from: number, statements: Map<string, Statement>): number {
  let now = from + 0.02;
  let open: Transaction | null = null;
  let gap: Gap | null = null;
  const endGap = (): void => {
    if (gap === null) return;
    gap.ms = now - gap.startMs;
    checkout.gaps.push(gap);
    open?.gaps.push(gap);
    gap = null;
  };
  for (const step of steps) {
    if (step.do === 'query') {
      endGap();
      const query = makeQuery(step, now, statements);
      checkout.queries.push(query);
      now += step.ms;
      if (open === null && step.status !== 'I') open = { startMs: query.startMs, ms: 0, status: step.status, queries: [], gaps: [] };
      if (open !== null) {
        open.queries.push(query);
        open.status = step.status;
        open.ms = now - open.startMs;
        if (step.status === 'I') {
          checkout.transactions.push(open);
          open = null;
        }
      }
    } else {
      gap ??= { startMs: now, ms: 0, inTransaction: open !== null, waits: [], ended: null, open: false };
      if (step.do === 'await') gap.waits.push({ startMs: now + 0.05, ms: step.ms - 0.1, kind: step.kind, detail: step.detail, started: step.stack, awaited: step.stack, foreign: false });
      now += step.ms;
    }
  }
  endGap();
  if (open !== null) {
    open.ms = now - open.startMs;
    checkout.transactions.push(open);
  }
  return now + 0.03;
}

function makeQuery(step: Extract<Step, { do: 'query' }>, startMs: number, statements: Map<string, Statement>): Query {
  let statement = statements.get(step.text);
  if (statement === undefined) statements.set(step.text, (statement = { text: step.text }));
  return { statement, startMs, ms: step.ms, status: step.status, error: step.error ?? '', queuedMs: 0, stack: step.stack };
}

function makeRecording(endMs: number): Recording {
  return {
    key: '4711', file: 'trace-4711.ndjson.gz', startMs: 0, fromMs: 0, endMs, complete: true, exitCode: 0, blocked: [], lostEvents: 0, problems: [], badLines: 0,
    header: { type: 'trace', version: 1, tool: 'pg-lifeguard 0.1.0', startedAt: 1_780_000_000_000, pid: 4711, ppid: 1, thread: 0, node: 'v22.23.0', platform: 'linux', cwd: '/home/ada/shop', script: 'src/server.ts' },
  };
}
