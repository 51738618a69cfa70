/** What a sweep showed, in sentences. */
import { sayMany, sayMs, sayPlace, sayShare } from '../words.js';
import type { SweepCulprit, SweepReport, SweepStep, SweptPool } from './model.js';
import { waits } from './search.js';

type Known = Omit<SweepReport, 'schemaVersion' | 'tool' | 'summary' | 'notes'>;

/** @param reasons sentences that are known from elsewhere. */
export function summariseSweep(known: Known, reasons: readonly string[]): Pick<SweepReport, 'summary' | 'notes'> {
  return { summary: SUMMARIES[known.verdict](known), notes: [...reasons, ...describeRest(known)] };
}

const SUMMARIES: Record<SweepReport['verdict'], (known: Known) => string> = {
  starves(known) {
    const { run, firstWaitAt, stopsAt, pool, culprit } = known;
    const at = firstWaitAt ?? stopsAt ?? 1;
    const start = stopsAt === null || stopsAt > at ? 'Starves' : culprit?.of === 'blocked' ? 'Starves and freezes' : 'Starves and stops answering';
    const several = describeSeveral(known);
    // Then the requests for connections are what is to be counted.
    const when = pool !== null && several !== '' ? `at the ${ordinal(pool.max + 1)} concurrent request for a connection` : sayWhen(at, run.from);
    return `${start} ${when}: ${describePool(pool)}${describeCulprit(culprit)}${several}.`;
  },
  stops({ run, stopsAt, steps, culprit }) {
    const stop = steps.find(({ stopped }) => stopped !== null)?.stopped;
    const how = stop === 'ended' ? 'its process ended' : 'no answer came any more';
    return `Stops answering ${sayWhen(stopsAt ?? 1, run.from)}: ${how}, though no request was seen to wait for a connection${culprit?.of === 'blocked' ? describeCulprit(culprit) : ''}.`;
  },
  queues({ firstWaitAt, pool, run, steps }) {
    const most = Math.max(...steps.filter(waits).map(({ waitP99Ms }) => waitP99Ms));
    const busy = pool === null ? '' : `: the pool holds ${pool.max} and is busy with SQL`;
    return `Requests queue for a connection from about the ${ordinal(firstWaitAt ?? 1)} concurrent one on${busy}; 99 % of those that wait get one within ${sayMs(most)}, up to ${lastConcurrency(steps, run.to)} at a time, so it does not starve.`;
  },
  clear: ({ run, pool, steps }) => `No request waited for a connection, up to ${lastConcurrency(steps, run.to)} at a time${pool === null ? '' : ` with a pool of ${pool.max}`}.`,
  inconclusive: () => 'No request asked a pool for a connection, so nothing can be said about one.',
};

function lastConcurrency(steps: readonly SweepStep[], to: number): number {
  return steps.at(-1)?.concurrency ?? to;
}

function describePool(pool: SweptPool | null): string {
  if (pool === null) return 'its pool is exhausted';
  const holds = pool.max === 1 ? 'the pool holds a single connection' : `the pool holds ${pool.max}`;
  return pool.heldMs > 0 ? `${holds}, ${pool.max === 1 ? 'held' : 'each held'} ${sayMs(pool.heldMs)}` : holds;
}

function describeCulprit(culprit: SweepCulprit | null): string {
  if (culprit === null) return '';
  const place = sayPlace(culprit.callSite);
  switch (culprit.of) {
    case 'held':
      return `, ${sayShare(culprit.share)} of it at ${place}`;
    case 'waited':
      return `, because of ${place}`;
    case 'blocked':
      return `, and the event loop hangs at ${place}`;
    default:
      return culprit.of satisfies never;
  }
}

/** Requests may wait though there are fewer than connections: one asks for several. Empty if none does. */
function describeSeveral({ run, pool, steps, firstWaitAt, deadlocksAt }: Known): string {
  const step = steps.find(({ concurrency }) => concurrency === firstWaitAt);
  if (pool === null || step === undefined || step.concurrency > pool.max) return '';
  const fewer = step.concurrency > 1 && step.concurrency === run.from ? ' or fewer' : '';
  const ask = `; ${step.concurrency}${fewer} HTTP ${step.concurrency === 1 ? 'request asks' : 'requests at a time ask'} for up to ${step.demandMax}`;
  if (deadlocksAt === null) return ask;
  return deadlocksAt === step.concurrency ? `${ask}, and deadlock` : `${ask}, and ${deadlocksAt} deadlock`;
}

/** What the first sentence left out. */
function describeRest({ run, verdict, steps, culprit, firstWaitAt, stopsAt, throughputStopsGrowingAt }: Known): string[] {
  const notes: string[] = [];
  if (culprit !== null && culprit.of !== 'blocked' && verdict === 'starves') notes.push(`What happens at ${sayPlace(culprit.callSite)}: ${culprit.doing}.`);
  const knee = steps.find(({ concurrency }) => concurrency === throughputStopsGrowingAt);
  const last = steps.findLast(({ stopped }) => stopped === null);
  if (knee !== undefined && last !== undefined && knee !== last) notes.push(`Throughput stops growing at ${sayMany(knee.concurrency, 'request')} at a time: ${sayRate(knee.requestsPerSecond)} requests/s, and ${sayRate(last.requestsPerSecond)} at ${last.concurrency}.`);
  const stop = steps.find(({ concurrency }) => concurrency === stopsAt);
  if (stop !== undefined && verdict !== 'stops') notes.push(sayStop(stop, stopsAt === firstWaitAt));
  const failing = steps.find(({ failed, stopped }) => failed > 0 && stopped === null);
  if (failing !== undefined) notes.push(`The first requests fail at ${failing.concurrency} at a time: ${failing.failed} of ${failing.requests + failing.failed}${failing.firstError === null ? '' : ` (${failing.firstError})`}.`);
  if (run.cutShort !== null) notes.push(`The sweep was cut short: ${run.cutShort}.`);
  return notes;
}

function sayStop({ concurrency, stopped, requests, unserved }: SweepStep, same: boolean): string {
  const when = same ? 'There' : `With ${concurrency} at a time`;
  if (stopped === 'ended') return `${when} its process ended.`;
  const stuck = unserved > 0 ? `, and ${sayMany(unserved, 'request')} went on waiting for a connection` : '';
  return `${when} ${requests === 0 ? 'no request was answered' : `no answer came any more after ${sayMany(requests, 'request')}`}${stuck}; the service was ended, and started again for the other steps.`;
}

/** A sweep that began too high cannot know the number. */
function sayWhen(at: number, from: number): string {
  return at > 1 && at === from ? `at ${at} concurrent requests or fewer (the sweep began there)` : `at the ${ordinal(at)} concurrent request`;
}

/** "11th". */
export function ordinal(n: number): string {
  const rest = n % 100;
  const ending = rest >= 11 && rest <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${ending}`;
}

export function sayRate(perSecond: number): string {
  return perSecond < 9.95 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}
