/** What-if in sentences. */
import { sayMany, sayMs, sayPlace, sayShare } from '../words.js';
import type { Answer, Simulated, WhatIf } from './model.js';

type Known = Omit<WhatIf, 'schemaVersion' | 'tool' | 'summary' | 'assumptions'>;

export function summariseWhatIf({ answers, replayed, recorded }: Known, asked: boolean): string {
  const [best] = answers;
  if (best === undefined) return 'There is nothing to change: no finding holds connections.';
  const { steady, following } = best.loads;
  const gained = recorded.heldMs > 0 ? 1 - best.heldMs / recorded.heldMs : 0;
  const gain = gained > 0.0005 ? `; ${sayShare(gained)} of the connection time is gained` : '';
  const start = asked ? capitalise(sayChange(best)) : `What would help the most: ${sayChange(best)}.`;
  const subject = asked ? ', 99 % of the requests' : ' 99 % of the requests';
  const waits = `${subject} would wait at most ${sayRange(steady.wait.p99Ms, following.wait.p99Ms)} for a connection, instead of ${sayMs(recorded.wait.p99Ms)}${gain}.`;
  return `${start}${waits} ${sayStarving(best, replayed)}`;
}

function sayStarving({ starvesAt, poolMax }: Answer, { starvesAt: before }: Answer): string {
  if (starvesAt === null) return `The pool of ${poolMax} would not starve below 4,096 concurrent requests.`;
  const instead = before === null || before === starvesAt ? (before === starvesAt ? ', as it does now' : '') : `, instead of ${before}`;
  return `The pool of ${poolMax} would starve from about ${starvesAt} concurrent requests on${instead}.`;
}

/** "without orders.ts:88 and with a pool of 20". */
export function sayChange({ change, poolMax }: Pick<Answer, 'change' | 'poolMax'>): string {
  const without = change.without.map(({ callSite, rule }) => (callSite === null ? rule : sayPlace(callSite)));
  const parts = [...(without.length === 0 ? [] : [`without ${without.join(' and ')}`]), ...(change.poolMax === null ? [] : [`with a pool of ${poolMax}`])];
  return parts.length === 0 ? 'as it was' : parts.join(' and ');
}

/** "3 ms", or "0 to 12 ms" when the two loads differ. */
export function sayRange(a: number, b: number): string {
  const [low, high] = [sayMs(Math.min(a, b)), sayMs(Math.max(a, b))];
  if (low === high) return high;
  const unit = / \S+$/.exec(high)?.[0] ?? '';
  return low.endsWith(unit) && !low.slice(0, -unit.length).includes(' ') ? `${low.slice(0, -unit.length)} to ${high}` : `${low} to ${high}`;
}

export function describeAssumptions({ pool, replayed, recorded, answers }: Known, nested: number): string[] {
  const p99 = (load: Simulated): number => load.wait.p99Ms;
  return [
    `Two loads are simulated, and real traffic lies between them: steady, when requests come at the times that were recorded; following, when each comes after the end of an earlier one, with the same pause.`,
    `Unchanged, the simulation gives waits of at most ${sayRange(p99(replayed.loads.steady), p99(replayed.loads.following))} for 99 % of the requests; recorded were ${sayMs(recorded.wait.p99Ms)}.`,
    'Statements take as long as they did: that the database, the processor or another service becomes the limit is not foreseen.',
    ...(answers.some(({ change }) => change.without.length > 0) ? ['What is left out still happens, but after the connection was given back.'] : []),
    ...(nested > 0 ? [`${sayMany(nested, 'checkout')} asked for a connection while holding one; they are simulated as requests of their own, so waits may be longer, and a deadlock is not foreseen.`] : []),
    ...(pool.checkouts < 100 ? [`${sayMany(pool.checkouts, 'checkout')} are few: the numbers are rough.`] : []),
  ];
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
