/** Holds what the probe blames against what clinic's trace says of the same wait. */
import type { CallSite, Chain, ChainStep } from '../model.js';
import { sayFunction, sayPlace } from '../words.js';
import { sayOperation } from './words.js';

/**
 * Whether a chain has what the probe blames: the operation, where that has a number, and the line. What led to the gap does
 * not count; so a line is not found merely because the program passed it on its way.
 * @param asyncId of the operation.
 */
export function agrees(chain: Chain, site: CallSite, asyncId: number | undefined): boolean {
  const inGap = chain.steps.filter(({ role }) => role !== 'origin');
  const hasLine = inGap.some(({ frames }) => frames.some(({ file, line }) => file === site.file && line === site.line));
  const hasOperation = asyncId === undefined || chain.steps.some((step) => step.asyncId === asyncId);
  return hasLine && hasOperation;
}

/** The operation that ended a wait, and where the program had started or awaited it. */
export function sayCulprit(chain: Chain): string {
  const ran = chain.steps.filter(({ ranMs, role }) => ranMs !== null && role !== 'origin').toSorted((a, b) => (a.ranMs ?? 0) - (b.ranMs ?? 0));
  const culprit = ran.findLast(({ role }) => role === 'completed') ?? ran.at(-1);
  if (culprit === undefined) return 'something that its trace does not name';
  // What is older than the wait (a kept socket) was made for something else: the place is where this flow waited.
  const isOwn = culprit.createdMs >= chain.startMs && culprit.frames.length > 0;
  const site = siteOf(isOwn ? culprit : ran.findLast(({ frames }) => frames.length > 0));
  const what = sayOperation(culprit.type);
  if (site === null) return what;
  return `${what}, ${isOwn ? 'started' : 'awaited'} ${site.function === '' ? 'at' : `in ${sayFunction(site)} at`} ${sayPlace(site)}`;
}

function siteOf(step: ChainStep | undefined): CallSite | null {
  return step?.frames[0] ?? null;
}
