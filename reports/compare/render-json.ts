import { roundTimes } from '../round-times.js';
import type { Comparison } from './model.js';

export function renderComparisonJson(comparison: Comparison): string {
  return `${JSON.stringify(roundTimes(comparison), null, 2)}\n`;
}
