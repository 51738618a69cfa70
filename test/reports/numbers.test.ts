import test from 'ava';
import { selectRank } from '../../reports/select-rank.js';
import { sortNearlySorted } from '../../reports/timeline/nearly-sorted.js';
import { randomFrom } from '../bench/analysis/random.js';

/** Lists of all kinds: empty, of one number, with many equal ones, sorted, reversed, anyhow. */
function lists(): Float64Array[] {
  const random = randomFrom(7);
  const of = (length: number, make: (index: number) => number): Float64Array => Float64Array.from({ length }, (_, index) => make(index));
  return [
    of(0, () => 0),
    of(1, () => 5),
    of(50, () => 3),
    of(200, (index) => index),
    of(200, (index) => 200 - index),
    of(999, () => Math.floor(random() * 5)),
    of(1000, (index) => index + random() * 30),
    of(2000, () => random()),
  ];
}

test('a rank is what stands there in the sorted list', (t) => {
  for (const values of lists()) {
    const sorted = values.toSorted();
    for (const share of [0, 0.1, 0.5, 0.9, 0.99, 1]) {
      const rank = Math.max(0, Math.ceil(values.length * share) - 1);
      t.is(selectRank(values.slice(), rank), sorted[rank] ?? 0);
    }
    // One rank after the other, each from the one before on.
    const moved = values.slice();
    let from = 0;
    for (let rank = 0; rank < values.length; rank += 13) {
      t.is(selectRank(moved, rank, from), sorted[rank] ?? 0);
      from = rank;
    }
  }
});

test('what is nearly sorted is sorted, and so is what is not', (t) => {
  for (const values of lists()) t.deepEqual(sortNearlySorted(values.slice()), values.toSorted());
});
