/** Whether two rows of numbers differ by more than they scatter. Pure: the same numbers give the same answer. */
import type { Measure } from './model.js';

const RESAMPLES = 2000;
/** Of 100 differences of nothing, one is taken for something. There are a dozen numbers in a comparison. */
const TAIL = 0.005;
/** Differences of less than a tenth are nobody's concern, nor are those that may be less than half of that. */
const RELEVANT = 0.1;
/** What surely differs by less than a quarter, and not surely at all, is called the same. */
const ALIKE = 0.25;
/** Fewer parts say nothing about scatter. */
const FEWEST = 4;

/**
 * @param parts of both runs: the same number measured in parts of equal size.
 * @param floor absolute differences below it do not matter.
 */
export function measureChange(before: number, after: number, parts: { before: readonly number[]; after: readonly number[] }, floor: number): Measure {
  const [left, right] = [parts.before, parts.after];
  // The same recording twice: there is no chance in it.
  if (before === after && left.length === right.length && left.every((value, index) => value === right[index])) return { before, after, difference: { low: 0, high: 0 }, verdict: 'same' };
  if (left.length < FEWEST || right.length < FEWEST) return { before, after, difference: null, verdict: before === after ? 'same' : 'unclear' };
  const difference = resample(left, right);
  const size = Math.abs(mean(left));
  const limits = { relevant: Math.max(floor, size * RELEVANT), alike: Math.max(floor, size * ALIKE) };
  const verdict = judge(difference, mean(right) - mean(left), limits);
  // A single bad moment can turn a percentile of the whole against that of nearly all parts: then nobody knows.
  const contradicts = (verdict === 'lower' && after > before) || (verdict === 'higher' && after < before);
  return { before, after, difference, verdict: contradicts ? 'unclear' : verdict };
}

function judge({ low, high }: { low: number; high: number }, difference: number, { relevant, alike }: { relevant: number; alike: number }): Measure['verdict'] {
  if (low >= relevant / 2 && difference >= relevant) return 'higher';
  if (high <= -relevant / 2 && -difference >= relevant) return 'lower';
  return low >= -alike && high <= alike ? 'same' : 'unclear';
}

/** Bootstrap: the difference of means of rows that are drawn from these with replacement. */
function resample(left: readonly number[], right: readonly number[]): { low: number; high: number } {
  const random = randomNumbers();
  const draw = (values: readonly number[]): number => {
    let sum = 0;
    for (let i = 0; i < values.length; i += 1) sum += values[Math.floor(random() * values.length)] ?? 0;
    return sum / values.length;
  };
  const differences = Float64Array.from({ length: RESAMPLES }, () => draw(right) - draw(left)).toSorted();
  const at = (share: number): number => differences[Math.min(RESAMPLES - 1, Math.floor(share * RESAMPLES))] ?? 0;
  return { low: at(TAIL), high: at(1 - TAIL) };
}

/** The same row each time (mulberry32), so that a comparison can be repeated. */
function randomNumbers(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The probability that something is not seen once, when so many times were to be expected. */
export function chanceOfNone(expected: number): number {
  return Math.exp(-expected);
}
