/** From how many concurrent requests on a pool is not enough. Pure: the same jobs give the same number. */
import { percentiles } from '../summarise-pools.js';
import type { Job } from './model.js';
import { findFlows, simulateFlows, type Flow } from './simulate.js';

const MOST = 4096;
/** As in a sweep: one request in twenty. */
const WAITING_SHARE = 0.05;
/** Rounds of each client, and jobs altogether at least: enough for a share of a twentieth to show. */
const ROUNDS = 20;
const LEAST_JOBS = 1000;

/**
 * @returns the least number of clients, each of which asks again when it was served, of whose requests one in twenty
 * waits; null when there is none up to 4096.
 */
export function findStarvingAt(jobs: readonly (Job & { endedMs?: number })[], max: number): number | null {
  if (jobs.length === 0) return null;
  // Pauses of the whole load, between its steps, are not those of a client: hence the median.
  const pauseMs = percentiles(findFlows(jobs).flatMap((flow) => flow.jobs.slice(0, -1).map((job) => job.pauseMs))).p50Ms;
  const starves = (clients: number): boolean => simulateFlows(makeClients(jobs, clients, pauseMs), max).waitedShare >= WAITING_SHARE;
  let [low, high] = [max, max + 1];
  while (high <= MOST && !starves(high)) [low, high] = [high, high * 2];
  if (high > MOST) return starves(MOST) ? narrow(low, MOST, starves) : null;
  return narrow(low, high, starves);
}

function narrow(from: number, to: number, starves: (clients: number) => boolean): number {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (starves(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Clients that begin at any time within a mean round, and do the recorded jobs in an order of their own. */
function makeClients(jobs: readonly Job[], clients: number, pauseMs: number): Flow[] {
  const rounds = Math.max(ROUNDS, Math.ceil(LEAST_JOBS / clients));
  const roundMs = jobs.reduce((sum, { holdMs }) => sum + holdMs + pauseMs, 0) / jobs.length;
  let turn = 0;
  // The same row of random numbers each time: evenly spread clients would get out of each other's way.
  let state = 1;
  const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  return Array.from({ length: clients }, () => ({
    startMs: random() * roundMs,
    jobs: Array.from({ length: rounds }, () => {
      // A step that has no divisor in common with most lengths visits all jobs, in a scattered order.
      const { holdMs, movedMs } = jobs[(turn = (turn + 7919) % jobs.length)] as Job;
      return { holdMs: Math.max(0, holdMs - movedMs), movedMs, pauseMs };
    }),
  }));
}
