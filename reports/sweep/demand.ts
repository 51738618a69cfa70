/**
 * Counts the requests that found a pool without a free connection. Not by how long they waited, which depends on the
 * machine: by how many requests of the same pool were under way before them.
 */
import type { CheckoutLine, TraceLine } from '../../probes/trace/events.js';
import { percentiles } from '../summarise-pools.js';
import type { Demand } from './model.js';

interface Request {
  pool: string;
  /** Epoch milliseconds, as all times here. */
  requestedMs: number;
  acquiredMs: number | null;
  endedMs: number | null;
}

export interface DemandLog {
  /** @param trace tells the processes apart. @param startedAt of the trace's header. */
  add: (trace: string, startedAt: number, line: TraceLine) => void;
  /** Requests for a connection, and connections held, that have not ended, of all traces but those that were closed. */
  underWay(): number;
  /** The process of these traces has gone: whatever it had under way, has ended. */
  closeAll(): void;
  /** What was asked for in a time. Later calls may only ask for later times. */
  between(fromMs: number, untilMs: number): Demand;
  /** The sizes of the pools that were used, those of one process added up too. */
  poolSizes(): number[];
}

export function openDemandLog(): DemandLog {
  const sizes = new Map<string, number>();
  const used = new Set<string>();
  const open = new Map<string, Request>();
  let done: Request[] = [];
  const take = (trace: string, startedAt: number, line: CheckoutLine): void => {
    const id = `${trace} ${line.id}`;
    let request = open.get(id);
    if (request === undefined) {
      // A client without a pool takes nobody's connection.
      if (!line.pool) return;
      request = { pool: `${trace} ${line.pool}`, requestedMs: startedAt + line.t, acquiredMs: null, endedMs: null };
      open.set(id, request);
      used.add(request.pool);
    }
    if (line.waitMs !== undefined && line.outcome !== 'timeout' && line.outcome !== 'failed') request.acquiredMs = request.requestedMs + line.waitMs;
    if (line.outcome === undefined) return;
    request.endedMs = (request.acquiredMs ?? request.requestedMs + (line.waitMs ?? 0)) + (line.useMs ?? 0);
    open.delete(id);
    done.push(request);
  };
  return {
    add(trace, startedAt, line) {
      if (line.type === 'pool') sizes.set(`${trace} ${line.id}`, line.max);
      else if (line.type === 'checkout') take(trace, startedAt, line);
    },
    underWay: () => open.size,
    closeAll() {
      open.clear();
      done = [];
    },
    between(fromMs, untilMs) {
      done = done.filter(({ endedMs }) => endedMs === null || endedMs >= fromMs);
      return countDemand([...done, ...open.values()], sizes, fromMs, untilMs);
    },
    poolSizes: () => [...new Set([...used].flatMap((pool) => sizes.get(pool) ?? []))],
  };
}

function countDemand(requests: readonly Request[], sizes: ReadonlyMap<string, number>, fromMs: number, untilMs: number): Demand {
  const byPool = new Map<string, Request[]>();
  for (const request of requests) {
    const of = byPool.get(request.pool);
    if (of === undefined) byPool.set(request.pool, [request]);
    else of.push(request);
  }
  const waits: number[] = [];
  let checkouts = 0;
  let unserved = 0;
  let demandMax = 0;
  let exhausted = false;
  for (const [pool, all] of byPool) {
    const max = sizes.get(pool) ?? Infinity;
    const ends = all.map(({ endedMs }) => endedMs ?? Infinity).toSorted((a, b) => a - b);
    let ended = 0;
    exhausted ||= all.filter(({ requestedMs, endedMs }) => requestedMs <= untilMs && (endedMs ?? Infinity) > untilMs).length >= max;
    for (const [before, { requestedMs, acquiredMs, endedMs }] of all.toSorted((a, b) => a.requestedMs - b.requestedMs).entries()) {
      if (requestedMs > untilMs) break;
      while ((ends[ended] ?? Infinity) <= requestedMs) ended += 1;
      if (requestedMs < fromMs) continue;
      checkouts += 1;
      demandMax = Math.max(demandMax, before - ended + 1);
      if (before - ended < max) continue;
      waits.push((acquiredMs ?? endedMs ?? untilMs) - requestedMs);
      if (acquiredMs === null) unserved += 1;
    }
  }
  const { p99Ms, maxMs } = percentiles(waits);
  return { checkouts, waited: waits.length, waitP99Ms: p99Ms, waitMaxMs: maxMs, unserved, demandMax, exhausted };
}
