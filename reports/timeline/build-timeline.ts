import type { ConnectionLine } from '../../probes/trace/events.js';
import type { Checkout, Connection, Pool, Recording, Stack, Statement, Timeline } from '../model.js';
import type { RawTrace } from '../read/read-trace.js';
import { knowCheckouts } from './checkout-list.js';
import { explainRequests } from './explain-requests.js';
import { markInherited } from './mark-inherited.js';
import { listRuns } from './recorded-list.js';
import { RecordedRun, type Names } from './recorded-run.js';
import { resolveStacks, type StackResolver } from './resolve-stacks.js';
import { cwdOf } from './run-cwd.js';
import { openSources, type Sources } from './sources.js';
import { readStarts } from './starts.js';

/**
 * Merges the traces of a run into one timeline: one clock (0 is the start of the earliest trace, or of what was kept of it),
 * ids resolved, stacks mapped to the source, gaps and transactions derived. Checkouts are sorted by the time of their request.
 */
export function buildTimeline(traces: readonly RawTrace[], sources: Sources = openSources()): Timeline {
  const sorted = readStarts(traces).toSorted((a, b) => a.atMs - b.atMs);
  const first = sorted[0];
  const timeline: Timeline = { recordings: [], pools: [], connections: [], checkouts: [], startMs: 0, endMs: 0 };
  if (first === undefined) return timeline;
  const runs: RecordedRun[] = [];
  const epochMs = Math.min(...sorted.map(({ trace, atMs }) => atMs + trace.fromMs));
  const keys = new Set<string>();
  const resolve = resolveStacks(cwdOf(first.trace.header), sources);
  for (const { trace, atMs, setMs } of sorted) {
    const recording = buildRecording(trace, uniqueKey(trace, keys), atMs - epochMs, setMs);
    const { pools, connections, names } = resolveNames(trace, recording, resolve);
    timeline.recordings.push(recording);
    for (const pool of pools.values()) timeline.pools.push(pool);
    for (const connection of connections.values()) timeline.connections.push(connection);
    runs.push(new RecordedRun(trace.checkouts, names, recording));
    timeline.endMs = Math.max(timeline.endMs, recording.endMs);
  }
  const list = listRuns(runs);
  explainRequests(list);
  let checkouts: Checkout[] | undefined;
  const built: Timeline = {
    ...timeline,
    get checkouts() {
      return (checkouts ??= list.toArray());
    },
  };
  knowCheckouts(built, list);
  markInherited(built, list);
  return built;
}

function uniqueKey({ header }: RawTrace, taken: Set<string>): string {
  const name = header.thread === 0 ? `${header.pid}` : `${header.pid}.${header.thread}`;
  let key = name;
  // Every container has a process 1.
  for (let count = 2; taken.has(key); count += 1) key = `${name}#${count}`;
  taken.add(key);
  return key;
}

function buildRecording(trace: RawTrace, key: string, startMs: number, clockSetMs: number): Recording {
  return {
    key,
    file: trace.file,
    header: trace.header,
    startMs,
    ...(clockSetMs === 0 ? {} : { clockSetMs }),
    fromMs: startMs + trace.fromMs,
    endMs: startMs + trace.endMs,
    complete: trace.ended,
    exitCode: trace.exitCode,
    ...(trace.gone === undefined ? {} : { gone: trace.gone }),
    blocked: [],
    lostEvents: trace.lostEvents,
    problems: trace.problems.map(({ where, message }) => ({ where, message })),
    badLines: trace.unreadable.reduce((sum, { lines }) => sum + lines, 0),
    ...(trace.unreadable.length > 0 ? { unreadable: trace.unreadable } : {}),
  };
}

interface Resolved {
  pools: Map<number, Pool>;
  connections: Map<number, Connection>;
  names: Names;
}

function resolveNames(trace: RawTrace, recording: Recording, resolve: StackResolver): Resolved {
  const stackOf = lookUp((id): Stack | null => {
    const frames = id === 0 ? undefined : trace.stacks.get(id);
    return frames === undefined ? null : resolve(frames);
  });
  const statementOf = lookUp((id): Statement => ({ text: trace.statements.get(id) ?? '' }));

  const pools = new Map<number, Pool>();
  for (const { id, t, kind, version, max, acquireTimeoutMs, stack } of trace.pools) {
    const firstMs = Math.max(recording.fromMs, recording.startMs + t);
    pools.set(id, { id: `${recording.key}:${id}`, recording, kind, version, max, acquireTimeoutMs, madeAt: stackOf(stack), firstMs });
  }
  const connections = new Map<number, Connection>();
  for (const line of trace.connections) takeState(connections, line, recording, pools);
  for (const { t, ms, stack, late, open } of trace.blocked) {
    // One that nobody saw the end of is written now and then while it lasts: it lasted to the end.
    recording.blocked.push({ startMs: recording.startMs + t, ms: open ? Math.max(ms, trace.endMs - t) : ms, stack: stackOf(stack ?? 0), ...(late ? { late } : {}), ...(open ? { open } : {}), ...starvedIn(trace, t, ms) });
  }
  recording.blocked = recording.blocked.toSorted((a, b) => a.startMs - b.startMs);
  const poolOf = lookUp((id) => pools.get(id) ?? null);
  const connectionOf = lookUp((id) => connections.get(id) ?? null);
  return { pools, connections, names: { poolOf, connectionOf, statementOf, stackOf } };
}

/** Small ids are looked up in an array: that is what nearly all of them are, and it is done for every statement. */
const SMALL_IDS = 1 << 16;

/** What ids stand for, made when first asked for. */
function lookUp<Value>(make: (id: number) => Value): (id: number) => Value {
  const small: (Value | undefined)[] = [];
  const others = new Map<number, Value>();
  return (id) => {
    if (id < 0 || id >= SMALL_IDS) {
      if (!others.has(id)) others.set(id, make(id));
      return others.get(id) as Value;
    }
    while (small.length <= id) small.push(undefined);
    return (small[id] ??= make(id));
  };
}

/** A beat that is late begins a block; what is written of it comes within one beat. */
const BEAT_MS = 50;

function starvedIn({ starved }: RawTrace, t: number, ms: number): { starvedMs?: number } {
  const found = starved.find((line) => Math.abs(line.t - t) <= BEAT_MS);
  return found === undefined ? {} : { starvedMs: Math.min(ms, found.ms) };
}

function takeState(connections: Map<number, Connection>, line: ConnectionLine, recording: Recording, pools: Map<number, Pool>): void {
  const ms = Math.max(recording.fromMs, recording.startMs + line.t);
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
