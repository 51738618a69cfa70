import type { Checkout, Connection } from '../model.js';
import { at } from './element.js';

/** One moment at which the pool's counts change. */
export interface PoolStep {
  ms: number;
  used: number;
  idle: number;
  pending: number;
}

export interface PoolSteps {
  steps: PoolStep[];
  /** 0: every change; otherwise each step covers so much time: used and idle averaged, pending at its highest. */
  bucketMs: number;
  exhausted: [startMs: number, ms: number][];
}

/** The sorted moments at which one count goes up or down. */
interface Edges {
  up: Float64Array;
  down: Float64Array;
}

/** How many connections of a pool were used and idle, and how many requests were pending, over time; at most about `limit` steps. */
export function computePoolSteps(checkouts: readonly Checkout[], connections: readonly Connection[], max: number, endMs: number, limit: number): PoolSteps {
  const used = cursorOf(usedEdges(checkouts, endMs));
  const open = cursorOf(openEdges(checkouts, connections, endMs));
  const pending = cursorOf(pendingEdges(checkouts, endMs));
  const changes = used.changes + open.changes + pending.changes;
  const bucketMs = changes > limit ? Math.max(endMs, 1) / limit : 0;
  const collector = bucketMs === 0 ? exactSteps() : bucketedSteps(bucketMs, endMs);
  const exhausted = exhaustedSpans(max, Math.max(1, endMs / 2000));
  for (;;) {
    const now = Math.min(used.next(), open.next(), pending.next());
    if (now === Infinity) break;
    const inUse = used.advance(now);
    collector.add(now, inUse, Math.max(0, open.advance(now) - inUse), pending.advance(now));
    exhausted.add(now, inUse);
  }
  return { steps: collector.finish(), bucketMs, exhausted: exhausted.finish(endMs) };
}

interface Cursor {
  changes: number;
  next(): number;
  /** The count after all that happens until then. */
  advance(ms: number): number;
}

function cursorOf({ up, down }: Edges): Cursor {
  let ups = 0;
  let downs = 0;
  return {
    changes: up.length + down.length,
    next: () => Math.min(up[ups] ?? Infinity, down[downs] ?? Infinity),
    advance(ms) {
      // Half a microsecond: what the trace cannot tell apart is one moment.
      while ((up[ups] ?? Infinity) <= ms + 0.0005) ups++;
      while ((down[downs] ?? Infinity) <= ms + 0.0005) downs++;
      return Math.max(0, ups - downs);
    },
  };
}

function sorted(values: number[]): Float64Array {
  return Float64Array.from(values).toSorted();
}

function usedEdges(checkouts: readonly Checkout[], endMs: number): Edges {
  const up: number[] = [];
  const down: number[] = [];
  for (const { acquiredMs, endedMs } of checkouts) {
    if (acquiredMs === null) continue;
    up.push(acquiredMs);
    if (endedMs !== null && endedMs <= endMs) down.push(endedMs);
  }
  return { up: sorted(up), down: sorted(down) };
}

function pendingEdges(checkouts: readonly Checkout[], endMs: number): Edges {
  // Whoever gets a connection at once was never pending.
  const waited = checkouts.filter((c) => (c.acquiredMs ?? c.endedMs ?? endMs) - c.requestedMs > 0.05);
  return {
    up: sorted(waited.map((c) => c.requestedMs)),
    down: sorted(waited.map((c) => c.acquiredMs ?? c.endedMs ?? endMs + 1).filter((ms) => ms <= endMs)),
  };
}

function openEdges(checkouts: readonly Checkout[], connections: readonly Connection[], endMs: number): Edges {
  const firstUse = new Map<Connection, number>();
  for (const c of checkouts) {
    if (c.acquiredMs === null || c.connection === null) continue;
    firstUse.set(c.connection, Math.min(firstUse.get(c.connection) ?? Infinity, c.acquiredMs));
  }
  const up: number[] = [];
  const down: number[] = [];
  for (const connection of connections) {
    const start = connection.connectedMs ?? firstUse.get(connection);
    if (start === undefined) continue;
    up.push(start);
    if (connection.closedMs !== null && connection.closedMs <= endMs) down.push(connection.closedMs);
  }
  return { up: sorted(up), down: sorted(down) };
}

interface Collector {
  add(ms: number, used: number, idle: number, pending: number): void;
  finish(): PoolStep[];
}

function exactSteps(): Collector {
  const steps: PoolStep[] = [];
  return {
    add(ms, used, idle, pending) {
      const last = steps.at(-1);
      // A hand-over from one request to the next takes some microseconds: a dip that nobody can see or use.
      if (last !== undefined && ms - last.ms < 0.2) Object.assign(last, { used, idle, pending });
      else steps.push({ ms, used, idle, pending });
    },
    finish: () => steps,
  };
}

function bucketedSteps(bucketMs: number, endMs: number): Collector {
  const columns = Math.ceil(endMs / bucketMs) + 1;
  const used = new Float64Array(columns);
  const idle = new Float64Array(columns);
  const pending = new Float64Array(columns);
  let before = { ms: 0, used: 0, idle: 0, pending: 0 };
  const spread = (until: number): void => {
    for (let ms = before.ms; ms < until; ) {
      const column = Math.min(columns - 1, Math.floor(ms / bucketMs + 1e-9));
      const end = column === columns - 1 ? until : Math.min(until, (column + 1) * bucketMs);
      const part = Math.max(end - ms, 1e-6);
      used[column] = at(used, column) + before.used * part;
      idle[column] = at(idle, column) + before.idle * part;
      pending[column] = Math.max(at(pending, column), before.pending);
      ms += part;
    }
  };
  return {
    add(ms, usedNow, idleNow, pendingNow) {
      spread(ms);
      before = { ms, used: usedNow, idle: idleNow, pending: pendingNow };
      const column = Math.min(columns - 1, Math.floor(ms / bucketMs + 1e-9));
      pending[column] = Math.max(at(pending, column), pendingNow);
    },
    finish() {
      spread(endMs);
      return Array.from({ length: Math.max(1, columns - 1) }, (_, c) => ({ ms: c * bucketMs, used: tidy(at(used, c) / bucketMs), idle: tidy(at(idle, c) / bucketMs), pending: at(pending, c) }));
    },
  };
}

function tidy(value: number): number {
  return Math.round(value * 100) / 100;
}

function exhaustedSpans(max: number, bridgeMs: number): { add(ms: number, used: number): void; finish(endMs: number): [number, number][] } {
  const spans: [number, number][] = [];
  let since = -1;
  const close = (ms: number): void => {
    const last = spans.at(-1);
    if (last !== undefined && since - (last[0] + last[1]) <= bridgeMs) last[1] = ms - last[0];
    else spans.push([since, ms - since]);
    since = -1;
  };
  return {
    add(ms, used) {
      const full = max > 0 && used >= max;
      if (full && since < 0) since = ms;
      if (!full && since >= 0) close(ms);
    },
    finish(endMs) {
      if (since >= 0) close(Math.max(endMs, since));
      return spans;
    },
  };
}
