/** Holds what the probe blames against what clinic's trace says of the same wait. */
import type { CallSite, Chain, ChainStep } from '../model.js';
import { sayFunction, sayPlace } from '../words.js';
import { sayOperation } from './words.js';

/** A wait, as the probe tells of it. */
export interface Blamed {
  site: CallSite;
  endMs: number;
  /** async_hooks' number of what completed; undefined: it has none. */
  asyncId: number | undefined;
}

/** What runs right after the end of a wait. */
const AFTER_MS = 0.5;

/**
 * Whether a chain has what the probe blames: the operation, where that has a number, and the line. What led to the gap does
 * not count; so a line is not found merely because the program passed it on its way.
 */
export function agrees(chain: Chain, { site, asyncId }: Blamed): boolean {
  const inGap = chain.steps.filter(({ role }) => role !== 'origin');
  const hasLine = inGap.some(({ frames }) => frames.some(({ file, line }) => file === site.file && line === site.line));
  return hasLine && (asyncId === undefined || inGap.some((step) => step.asyncId === asyncId));
}

/** "a timer (Timeout), started in charge at pay.ts:5, ended the wait". */
export function sayCulprit(chain: Chain, blamed: Blamed): string {
  const culprit = findCulprit(chain, blamed);
  if (culprit === undefined) return 'its trace does not name what ended the wait';
  const what = sayOperation(culprit.type);
  if (agrees(chain, blamed)) return `${what} ended the wait at ${sayPlace(blamed.site)}`;
  // What is older than the wait (a kept socket) was made for something else.
  const site = culprit.createdMs < chain.startMs ? null : (culprit.frames[0] ?? null);
  if (site === null) return `${what} ended the wait`;
  return `${what}, started ${site.function === '' ? 'at' : `in ${sayFunction(site)} at`} ${sayPlace(site)}, ended the wait`;
}

/** Of several waits in one gap, each was ended by something else. */
function findCulprit(chain: Chain, { asyncId, endMs }: Blamed): ChainStep | undefined {
  const known = chain.steps.find((step) => step.asyncId === asyncId);
  if (known !== undefined) return known;
  const ran = chain.steps.filter(({ ranMs, role }) => ranMs !== null && role !== 'origin').toSorted((a, b) => (a.ranMs ?? 0) - (b.ranMs ?? 0));
  const completed = ran.filter(({ role }) => role === 'completed');
  const before = (step: ChainStep): boolean => (step.ranMs ?? 0) <= endMs + AFTER_MS;
  // A socket completes again and again, and is known by the last time.
  return completed.findLast(before) ?? completed.find(({ createdMs }) => createdMs <= endMs) ?? ran.findLast(before);
}
