import test from 'ava';
import { chanceOfNone, measureChange } from '../../reports/compare/noise.js';
import { sayNoise, sayRatio } from '../../reports/compare/words.js';
import { sayMs } from '../../reports/words.js';

/** Sixteen numbers around a mean, the same each time. */
const around = (mean: number, scatter: number, seed = 1): number[] => Array.from({ length: 16 }, (_, i) => mean + scatter * Math.sin(seed * 7.3 + i * 2.1));
const verdict = (before: number[], after: number[], floor = 1): string => measureChange(before[0] ?? 0, after[0] ?? 0, { before, after }, floor).verdict;

test('a difference beyond the scatter is one, in both directions', (t) => {
  t.is(verdict(around(100, 10), around(130, 10)), 'higher');
  t.is(verdict(around(130, 10), around(100, 10)), 'lower');
});

test('within the scatter there is none to be seen', (t) => {
  t.is(verdict(around(100, 90), around(120, 90, 2)), 'unclear');
  t.is(verdict(around(100, 5), around(101, 5, 2)), 'same');
});

test('what is sure but small is the same', (t) => {
  t.is(verdict(around(100, 0), around(105, 0)), 'same', 'a twentieth');
  t.is(verdict(around(0.1, 0), around(0.4, 0)), 'same', 'below the floor');
  t.is(verdict(around(0.1, 0), around(0.4, 0), 0.01), 'higher', 'with a lower floor it is four times as much');
});

test('where the whole says the opposite of its parts, nobody knows', (t) => {
  const parts = { before: around(100, 5), after: around(50, 5) };
  t.is(measureChange(100, 60, parts, 1).verdict, 'lower');
  t.is(measureChange(100, 160, parts, 1).verdict, 'unclear');
});

test('too few parts tell nothing, unless there is nothing to tell', (t) => {
  const parts = { before: [1, 2], after: [3, 4] };
  t.deepEqual(measureChange(1, 3, parts, 1), { before: 1, after: 3, difference: null, verdict: 'unclear' });
  t.is(measureChange(2, 2, parts, 1).verdict, 'same');
});

test('the same numbers give the same answer', (t) => {
  const parts = { before: around(100, 30), after: around(110, 30, 3) };
  t.deepEqual(measureChange(100, 110, parts, 1), measureChange(100, 110, parts, 1));
});

test('what is the same number by number is the same, however much it scatters', (t) => {
  const row = [0, 0, 900, 3, 0, 0, 0, 1200];
  t.deepEqual(measureChange(50, 50, { before: row, after: [...row] }, 1), { before: 50, after: 50, difference: { low: 0, high: 0 }, verdict: 'same' });
  t.is(measureChange(50, 50, { before: row, after: row.with(1, 1) }, 1).verdict, 'unclear');
});

test('of many pairs of runs that are alike, hardly one is told apart', (t) => {
  let state = 1;
  const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const row = (): number[] => Array.from({ length: 16 }, () => 50 + 100 * random());
  const verdicts = Array.from({ length: 200 }, () => verdict(row(), row()));
  t.true(verdicts.filter((one) => one === 'higher' || one === 'lower').length <= 6, verdicts.join(' '));
});

test('how likely it is not to be seen by chance', (t) => {
  t.true(chanceOfNone(1) > 0.3);
  t.true(chanceOfNone(3.1) < 0.05);
});

test('changes in words', (t) => {
  t.deepEqual([sayRatio(100, 135), sayRatio(100, 3), sayRatio(10, 32), sayRatio(0, 5), sayRatio(5, 5), sayRatio(0.01, 500)], ['+35 %', '−97 %', '3.2 ×', '', '', '']);
  const measure = (before: number, low: number, high: number) => ({ before, after: 0, difference: { low, high }, verdict: 'unclear' as const });
  t.is(sayNoise(measure(100, -12.4, 30), sayMs), '−12 % to +30 %');
  t.is(sayNoise(measure(100, -140, -90), sayMs), '−100 % to −90 %', 'nothing becomes less than nothing');
  t.is(sayNoise(measure(0, 5, 7), sayMs), '+5 ms to +7 ms');
  t.is(sayNoise({ ...measure(1, 0, 0), difference: null }, sayMs), 'too few checkouts to know');
});
