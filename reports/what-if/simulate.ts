/** A pool as a queue: first come, first served, as pg-pool does it. Pure. */
import { percentiles } from '../summarise-pools.js';
import { openHeap } from './heap.js';
import type { Job, Load, Simulated } from './model.js';

/** Shorter waits are the way through the event loop. */
const WAITED_MS = 0.001;

/** A row of jobs, each of which begins after the one before it. */
export interface Flow {
  startMs: number;
  jobs: { holdMs: number; movedMs: number; pauseMs: number }[];
}

/** @param jobs sorted by request. @param max connections in the pool. */
export function simulate(jobs: readonly Job[], max: number, load: Load): Simulated {
  if (load === 'following') return simulateFlows(findFlows(jobs), max);
  return simulateFlows(jobs.map(({ requestedMs, holdMs, movedMs }) => ({ startMs: requestedMs, jobs: [{ holdMs: Math.max(0, holdMs - movedMs), movedMs, pauseMs: 0 }] })), max);
}

/**
 * Who came after whom: a request follows the hold that ended last before it and that nobody has followed yet; without
 * one, it is somebody new. For a load generator that is its own connection; the number of flows is the least possible.
 */
export function findFlows(jobs: readonly (Job & { endedMs?: number })[]): Flow[] {
  const flows: Flow[] = [];
  const ends = openHeap<{ atMs: number; flow: Flow }>((a, b) => a.atMs - b.atMs);
  const free: { atMs: number; flow: Flow }[] = [];
  for (const { requestedMs, holdMs, movedMs, endedMs } of jobs) {
    for (let next = ends.peek(); next !== undefined && next.atMs <= requestedMs; next = ends.peek()) free.push(ends.pop() as { atMs: number; flow: Flow });
    const before = free.pop();
    const flow = before?.flow ?? { startMs: requestedMs, jobs: [] };
    if (before === undefined) flows.push(flow);
    const last = flow.jobs.at(-1);
    if (before !== undefined && last !== undefined) last.pauseMs = requestedMs - before.atMs;
    flow.jobs.push({ holdMs: Math.max(0, holdMs - movedMs), movedMs, pauseMs: 0 });
    ends.push({ atMs: endedMs ?? requestedMs + holdMs, flow });
  }
  return flows;
}

/** Plays the flows against `max` connections. */
export function simulateFlows(flows: readonly Flow[], max: number): Simulated {
  const requests = openHeap<{ atMs: number; flow: Flow; index: number }>((a, b) => a.atMs - b.atMs);
  const free = openHeap<number>((a, b) => a - b);
  const starts = openHeap<number>((a, b) => a - b);
  for (let i = 0; i < max; i += 1) free.push(-Infinity);
  for (const flow of flows) requests.push({ atMs: flow.startMs, flow, index: 0 });
  const waits: number[] = [];
  let [firstMs, lastMs, waited, pendingMax] = [Infinity, -Infinity, 0, 0];
  for (let request = requests.pop(); request !== undefined; request = requests.pop()) {
    const { atMs, flow, index } = request;
    const job = flow.jobs[index];
    if (job === undefined) continue;
    const startMs = Math.max(atMs, free.pop() ?? atMs);
    const endMs = startMs + job.holdMs;
    free.push(endMs);
    waits.push(startMs - atMs);
    if (startMs - atMs > WAITED_MS) {
      waited += 1;
      while ((starts.peek() ?? Infinity) <= atMs) starts.pop();
      starts.push(startMs);
      pendingMax = Math.max(pendingMax, starts.size());
    }
    firstMs = Math.min(firstMs, atMs);
    lastMs = Math.max(lastMs, endMs);
    if (index + 1 < flow.jobs.length) requests.push({ atMs: endMs + job.movedMs + job.pauseMs, flow, index: index + 1 });
  }
  const seconds = Math.max(0.001, (lastMs - firstMs) / 1000);
  return { wait: percentiles(waits), waitedShare: waits.length === 0 ? 0 : waited / waits.length, checkoutsPerSecond: waits.length === 0 ? 0 : waits.length / seconds, pendingMax };
}
