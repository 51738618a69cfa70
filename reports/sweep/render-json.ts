import { roundTimes } from '../round-times.js';
import type { SweepReport } from './model.js';

/** A sweep as JSON: the sentence, the numbers, and every step. */
export function renderSweepJson(sweep: SweepReport): string {
  return `${JSON.stringify(roundTimes(sweep), null, 2)}\n`;
}
