import { basename } from 'node:path';
import type { Checkout, Finding, PoolSummary, Report, Timeline, Verdict } from './model.js';
import { checkoutsOf, type CheckoutList } from './timeline/checkout-list.js';
import { sayMany, sayMs } from './words.js';

/** The verdict, in one sentence too, and what is missing for a better one. */
export type Judgement = Pick<Report, 'verdict' | 'summary' | 'missing'>;

/**
 * findings: something is worth changing. healthy: everything was seen, and nothing is. inconclusive: nothing was found,
 * but not everything was seen. Notes alone are no findings.
 */
export function judge(timeline: Timeline, findings: readonly Finding[], pools: readonly PoolSummary[]): Judgement {
  const missing = findMissing(timeline);
  const serious = findings.filter(({ severity }) => severity !== 'note');
  const notes = findings.filter(({ severity }) => severity === 'note');
  const verdict: Verdict = serious.length > 0 ? 'findings' : missing.length > 0 ? 'inconclusive' : 'healthy';
  return { verdict, summary: SUMMARIES[verdict]({ serious, notes, missing, timeline, pools }), missing };
}

interface Known {
  serious: readonly Finding[];
  notes: readonly Finding[];
  missing: readonly string[];
  timeline: Timeline;
  pools: readonly PoolSummary[];
}

const SUMMARIES: Record<Verdict, (known: Known) => string> = {
  findings({ serious: [first, ...rest] }) {
    // What it did to others is half of the story: a pool that starved comes with whatever is first.
    const starved = rest.find(({ rule }) => rule === 'pool-starvation');
    const others = rest.length - (starved === undefined ? 0 : 1);
    const effect = starved === undefined ? '' : `; ${sayMany(starved.count, 'request')} waited up to ${sayMs(starved.maxMs)} for a connection`;
    const more = others === 0 ? '' : ` (and ${sayMany(others, 'more finding')})`;
    return `${first?.title ?? ''}${effect}${more}.`;
  },
  inconclusive: ({ missing }) => `Nothing was found, but not everything was seen: ${missing.join('; ')}.`,
  healthy({ notes, timeline, pools }) {
    const checkouts = checkoutsOf(timeline);
    // Busy is no fault; whoever waited wants to know all the same.
    const starved = notes.find(({ rule }) => rule === 'pool-starvation');
    if (starved !== undefined) return `No fault in ${sayMany(checkouts.length, 'checkout')}: no transaction waited for anything but its database. Yet ${starved.title}.`;
    const longestMs = Math.max(0, ...pools.map(({ wait }) => wait.maxMs));
    const waited = pools.length === 0 ? '' : `, none waited longer than ${sayMs(longestMs)}`;
    return `Nothing to complain about: ${sayMany(checkouts.length, 'checkout')}${waited}, and no transaction waited for anything but its database.`;
  },
};

function findMissing(timeline: Timeline): string[] {
  const { recordings } = timeline;
  const checkouts = checkoutsOf(timeline);
  const missing: string[] = [];
  const sum = (of: (recording: Timeline['recordings'][number]) => number): number => recordings.reduce((total, recording) => total + of(recording), 0);
  if (checkouts.length === 0) missing.push('no connection was asked for while recording; was there any load?');
  else if (all(checkouts, ({ acquiredMs }) => acquiredMs === null)) missing.push(`none of ${sayMany(checkouts.length, 'request')} got a connection${firstError(checkouts)}`);
  else if (all(checkouts, ({ queries }) => queries.length === 0)) missing.push('connections were held, but no statement was recorded');
  const lost = sum(({ lostEvents }) => lostEvents);
  if (lost > 0) missing.push(`${sayMany(lost, 'event')} were lost because they came faster than they could be written`);
  const bad = sum(({ badLines }) => badLines);
  if (bad > 0) missing.push(`${sayMany(bad, 'line')} of the trace could not be read${firstUnreadable(recordings)}`);
  for (const { file, stopped } of recordings.flatMap(({ unreadable = [] }) => unreadable)) {
    if (stopped === null) continue;
    const { afterLine, reason } = stopped;
    missing.push(`${basename(file)} ${afterLine === 0 ? `was not read: ${reason}` : `could not be read beyond line ${afterLine} (${reason})`}`);
  }
  const problems = sum(({ problems }) => problems.length);
  if (problems > 0) missing.push(`the probe failed ${problems === 1 ? 'once' : `${problems} times`}${firstProblem(recordings)}`);
  return missing;
}

/** Without a look at more than it takes: nearly always, that is the first. */
function all(checkouts: CheckoutList, is: (checkout: Checkout) => boolean): boolean {
  for (const checkout of checkouts) if (!is(checkout)) return false;
  return true;
}

function firstError(checkouts: CheckoutList): string {
  for (const { error } of checkouts) if (error !== '') return ` (${error})`;
  return '';
}

function firstUnreadable(recordings: Timeline['recordings']): string {
  const first = recordings.flatMap(({ unreadable = [] }) => unreadable).find(({ firstLine }) => firstLine !== null);
  return first === undefined ? '' : `, the first is line ${first.firstLine} of ${basename(first.file)}`;
}

function firstProblem(recordings: Timeline['recordings']): string {
  const problem = recordings.flatMap(({ problems }) => problems)[0];
  return problem === undefined ? '' : ` (${problem.where}: ${problem.message})`;
}
