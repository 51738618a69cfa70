import test from 'ava';
import { slope, spread } from './statistics.js';

test('a spread is the median and the quartiles', (t) => {
  t.deepEqual(spread([5, 1, 2, 4, 3]), { low: 2, median: 3, high: 4 });
  t.throws(() => spread([]), { message: 'no values' });
});

test('what grows has its slope, however far it swings', (t) => {
  const grows = Array.from({ length: 120 }, (_, index) => [index / 10, 100 + (index / 10) * 3 + (index % 8)] as const);
  const { low, median, high } = slope(grows);
  t.true(low > 2.5 && median > 2.8 && median < 3.2 && high < 4, `${low} ${median} ${high}`);
});

test('what swings has none', (t) => {
  const swings = Array.from({ length: 120 }, (_, index) => [index / 10, 100 + (index % 8)] as const);
  const { low, median, high } = slope(swings);
  t.true(low <= 0 && high >= 0 && Math.abs(median) < 0.2, `${low} ${median} ${high}`);
});

test('a single leap is no slope, and a single point has none', (t) => {
  const leaps = Array.from({ length: 24 }, (_, index) => [index, index < 22 ? 10 : 50] as const);
  t.is(slope(leaps).median, 0);
  t.throws(() => slope([[1, 1]]), { message: 'no values' });
});
