import type { ConnectionLine } from '../../probes/trace/events.js';
import type { Checkout, Connection, Pool, Recording, Stack, Statement, Timeline } from '../model.js';
import type { RawTrace } from '../read/read-trace.js';
import { buildCheckout, type Names } from './build-checkout.js';
import { explainRequests } from './explain-requests.js';
import { markInherited } from './mark-inherited.js';
import { resolveStacks, type StackResolver } from './resolve-stacks.js';
import { openSources, type Sources } from './sources.js';

/**
 * Merges the traces of a run into one timeline: one clock (0 is the start of the earliest trace), ids resolved, stacks
 * mapped to the source, gaps and transactions derived. Checkouts are sorted by the time of their request.
 */
export function buildTimeline(traces: readonly RawTrace[], sources: Sources = openSources()): Timeline {
  const sorted = traces.toSorted((a, b) => a.header.startedAt - b.header.startedAt);
  const first = sorted[0];
  const timeline: Timeline = { recordings: [], pools: [], connections: [], checkouts: [], startMs: 0, endMs: 0 };
  if (first === undefined) return timeline;
  const keys = new Set<string>();
  const resolve = resolveStacks(first.header.cwd, sources);
  for (const trace of sorted) {
    const recording = buildRecording(trace, uniqueKey(trace, keys), trace.header.startedAt - first.header.startedAt);
    const names = resolveNames(trace, recording, resolve);
    timeline.recordings.push(recording);
    timeline.pools.push(...names.pools.values());
    for (const connection of names.connections.values()) timeline.connections.push(connection);
    addCheckouts(timeline.checkouts, trace, names);
    timeline.endMs = Math.max(timeline.endMs, recording.endMs);
  }
  timeline.checkouts = timeline.checkouts.toSorted((a, b) => a.requestedMs - b.requestedMs);
  explainRequests(timeline.checkouts);
  markInherited(timeline.checkouts);
  return timeline;
}

function uniqueKey({ header }: RawTrace, taken: Set<string>): string {
  const name = header.thread === 0 ? `${header.pid}` : `${header.pid}.${header.thread}`;
  let key = name;
  // Every container has a process 1.
  for (let count = 2; taken.has(key); count += 1) key = `${name}#${count}`;
  taken.add(key);
  return key;
}

function buildRecording(trace: RawTrace, key: string, startMs: number): Recording {
  return {
    key,
    file: trace.file,
    header: trace.header,
    startMs,
    endMs: startMs + trace.endMs,
    complete: trace.ended,
    exitCode: trace.exitCode,
    blocked: [],
    lostEvents: trace.lostEvents,
    problems: trace.problems.map(({ where, message }) => ({ where, message })),
    badLines: trace.badLines,
  };
}

function resolveNames(trace: RawTrace, recording: Recording, resolve: StackResolver): Names {
  const stacks: (Stack | null)[] = [];
  const stackOf = (id: number | undefined): Stack | null => {
    if (id === undefined || id === 0) return null;
    const known = stacks[id];
    if (known !== undefined) return known;
    const frames = trace.stacks[id];
    return (stacks[id] = frames === undefined ? null : resolve(frames));
  };
  const statements: Statement[] = [];
  const statementOf = (id: number): Statement => (statements[id] ??= { text: trace.statements[id] ?? '' });

  const pools = new Map<number, Pool>();
  for (const { id, t, kind, version, max, acquireTimeoutMs, stack } of trace.pools) {
    const firstMs = recording.startMs + t;
    pools.set(id, { id: `${recording.key}:${id}`, recording, kind, version, max, acquireTimeoutMs, madeAt: stackOf(stack), firstMs });
  }
  const connections = new Map<number, Connection>();
  for (const line of trace.connections) takeState(connections, line, recording, pools);
  for (const { t, ms, stack, late, open } of trace.blocked) {
    // One that nobody saw the end of is written now and then while it lasts: it lasted to the end.
    recording.blocked.push({ startMs: recording.startMs + t, ms: open ? Math.max(ms, trace.endMs - t) : ms, stack: stackOf(stack), ...(late ? { late } : {}), ...(open ? { open } : {}) });
  }
  recording.blocked = recording.blocked.toSorted((a, b) => a.startMs - b.startMs);
  return { recording, pools, connections, statementOf, stackOf };
}

function takeState(connections: Map<number, Connection>, line: ConnectionLine, recording: Recording, pools: Map<number, Pool>): void {
  const ms = recording.startMs + line.t;
  let connection = connections.get(line.id);
  if (connection === undefined) {
    const pool = pools.get(line.pool) ?? null;
    connection = { id: `${recording.key}:${line.id}`, pool, backend: null, connectingMs: ms, connectedMs: null, closedMs: null, error: null };
    connections.set(line.id, connection);
  }
  // Some pools are known for what they are only after their first client.
  connection.pool ??= pools.get(line.pool) ?? null;
  connection.backend = line.backend ?? connection.backend;
  connection.error = line.error ?? connection.error;
  if (line.state === 'connected') connection.connectedMs = ms;
  if (line.pipelined === true) connection.pipelined = true;
  if (line.state === 'closed' || line.state === 'failed') connection.closedMs = ms;
}

function addCheckouts(checkouts: Checkout[], trace: RawTrace, names: Names): void {
  const byId = new Map<number, Checkout>();
  const nested: [Checkout, number][] = [];
  for (const line of trace.checkouts) {
    const checkout = buildCheckout(line, names);
    checkouts.push(checkout);
    byId.set(line.id, checkout);
    if (line.inside !== undefined && line.inside !== 0) nested.push([checkout, line.inside]);
  }
  for (const [checkout, outer] of nested) checkout.inside = byId.get(outer) ?? null;
}
