/** How changes are said. */
import { sayMs, sayShare } from '../words.js';
import type { Measure, PoolMetric } from './model.js';

export const METRIC_NAMES: Record<PoolMetric, string> = {
  checkoutsPerSecond: 'checkouts a second',
  waitP50Ms: 'wait, half within',
  waitP99Ms: 'wait, 99 % within',
  useP50Ms: 'held, half within',
  useP99Ms: 'held, 99 % within',
  exhaustedShare: 'time with none free',
};

export function sayMetric(metric: PoolMetric, value: number): string {
  if (metric === 'checkoutsPerSecond') return value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return metric === 'exhaustedShare' ? sayShare(value) : sayMs(value);
}

/** "+35 %", "−97 %", "3.2 ×"; "" when there is nothing to compare with. */
export function sayRatio(before: number, after: number): string {
  if (before === after || before <= 0) return '';
  const ratio = after / before;
  // From next to nothing to something: the numbers themselves say more.
  if (ratio > 100) return '';
  if (ratio >= 3) return `${ratio < 9.95 ? ratio.toFixed(1) : Math.round(ratio)} ×`;
  const percent = Math.round((ratio - 1) * 100);
  return percent === 0 ? '' : percent > 0 ? `+${percent} %` : `−${-percent} %`;
}

/** How sure a change is: "between −31 % and −12 %"; of a change from nothing, in its unit. */
export function sayNoise({ before, difference }: Measure, say: (value: number) => string): string {
  if (difference === null) return 'too few checkouts to know';
  const { low, high } = difference;
  const sign = (value: number): string => (value < 0 ? '−' : '+');
  const inPercent = before > 0 && high / before < 3;
  const one = (value: number): string => (inPercent ? `${sign(value)}${Math.abs(Math.max(-100, Math.round((value / before) * 100)))} %` : `${sign(value)}${say(Math.abs(value))}`);
  return one(low) === one(high) ? '' : `${one(low)} to ${one(high)}`;
}
