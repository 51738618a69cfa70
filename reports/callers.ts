import type { CallSite } from './model.js';

/** What is as far apart as this is not one line to its reader: bundlers put whole programs on one. */
const LONGEST_LINE = 200;

/**
 * From where a call site was reached, innermost first. Frames on its own line tell nothing new and are left out: a promise's
 * executor, say, and the function that makes the promise.
 * @param frames the call site's own first.
 */
export function callersOf(frames: readonly CallSite[]): readonly CallSite[] {
  const [site] = frames;
  const first = frames.findIndex(({ file, line, column }) => file !== site?.file || line !== site.line || Math.abs(column - site.column) > LONGEST_LINE);
  return first < 0 ? [] : frames.slice(first);
}
