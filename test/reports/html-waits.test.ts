import test from 'ava';
import { blameWaits, collectWaits } from '../../reports/html/waits.js';
import { limitOccurrences } from '../../reports/html/page-occurrences.js';
import type { Occurrences } from '../../reports/model.js';
import { checkoutsOf } from '../../reports/timeline/checkout-list.js';
import { OccurrenceSheet } from '../../reports/rules/occurrences.js';
import { flagship } from './html-support/analyses.js';
import { randomFrom } from './html-support/simulate.js';

function sheetOf(rows: readonly [number, number][], endMs: number): Occurrences {
  const sheet = new OccurrenceSheet(null, endMs);
  for (const [startMs, ms] of rows) sheet.add({ checkout: { id: '1' }, startMs, ms, statements: [] });
  return sheet.finish();
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

test('a few occurrences are kept as they are, in order of time', (t) => {
  const { columnMs, startMs, ms, count, durations } = sheetOf([[50, 5], [10, 2], [30, 0]], 100);
  t.is(columnMs, 0);
  t.deepEqual([startMs, ms, count], [[10, 30, 50], [2, 0, 5], [1, 1, 1]]);
  t.is(sum(durations), 3);
});

test('many are added up: no time is lost, each is counted once', (t) => {
  const random = randomFrom(3);
  const rows = Array.from({ length: 5000 }, (): [number, number] => [random() * 9000, random() * 900]);
  const { columnMs, startMs, ms, count, maxMs, durations } = sheetOf(rows, 10_000);
  t.true(columnMs > 0 && startMs.length <= 1000);
  t.is(sum(count), rows.length);
  t.is(sum(durations), rows.length);
  t.true(Math.abs(sum(ms) - sum(rows.map(([, length]) => length))) < 1e-6);
  t.is(Math.max(...maxMs), Math.max(...rows.map(([, length]) => length)));
  t.true(startMs.every((start, i) => i === 0 || start > (startMs[i - 1] ?? 0)));
});

test('of many, each stretch of time keeps its longest, those that went on in it, and what stood around them', (t) => {
  const random = randomFrom(4);
  const rows = Array.from({ length: 3000 }, (_, i) => ({ checkout: { id: String(i) }, startMs: random() * 9000, ms: i % 500 === 0 ? 900 + i / 100 : random() * 20, statements: [i % 3 === 0 ? 'select 1' : 'select 2', ''] }));
  const sheet = new OccurrenceSheet(null, 10_000);
  for (const row of rows) sheet.add(row);
  const many = sheet.finish();
  for (const one of [many, limitOccurrences(many, 100)]) {
    t.true(one.startMs.length <= many.startMs.length && one.columnMs > 0);
    for (const [i, start] of one.startMs.entries()) {
      const here = rows.filter((row) => row.startMs < start + one.columnMs && row.startMs + row.ms > start);
      const longest = here.reduce((a, b) => (b.ms > a.ms ? b : a));
      t.deepEqual([one.worst.checkout[i], one.worst.startMs[i], one.maxMs[i]], [longest.checkout.id, longest.startMs, longest.ms]);
      t.is(one.running[i], rows.filter((row) => row.startMs < start && row.startMs + row.ms > start).length);
    }
    t.deepEqual(one.statements.map(({ text }) => text).toSorted(), ['select 1', 'select 2']);
    t.is(sum(one.count), rows.length);
  }
  const few = new OccurrenceSheet(null, 10_000);
  for (const row of rows.slice(0, 900)) few.add(row);
  const merged = limitOccurrences(few.finish(), 50);
  t.true(merged.startMs.length <= 50);
  t.true(Math.abs(sum(merged.ms) - sum(rows.slice(0, 900).map(({ ms }) => ms))) < 1e-6);
  for (const [i, start] of merged.startMs.entries()) t.is(merged.running[i], rows.slice(0, 900).filter((row) => row.startMs < start && row.startMs + row.ms > start).length);
});

test('holds are added up without losing any time', (t) => {
  const random = randomFrom(5);
  const parts = Array.from({ length: 2500 }, () => {
    const [sqlMs, awaitMs, blockedMs, idleMs] = [random() * 9, random() * 50, random() * 5, random() * 200] as const;
    return { startMs: random() * 9700, holdMs: sqlMs + awaitMs + blockedMs + idleMs, sqlMs, awaitMs, blockedMs, idleMs };
  });
  for (const [count, limit] of [[900, 1000], [900, 30], [2500, 1000], [2500, 40]] as const) {
    const sheet = new OccurrenceSheet(null, 10_000);
    for (const { startMs, ...rest } of parts.slice(0, count)) sheet.holds.add(startMs, rest);
    const { holds } = limitOccurrences(sheet.finish(), limit);
    t.true(holds.startMs.length <= limit);
    for (const [have, field] of [[holds.ms, 'holdMs'], [holds.sqlMs, 'sqlMs'], [holds.awaitMs, 'awaitMs'], [holds.blockedMs, 'blockedMs']] as const) {
      t.true(Math.abs(sum(have) / sum(parts.slice(0, count).map((one) => one[field])) - 1) < 1e-9, `${field} of ${count}`);
    }
  }
});

test('a wait is blamed on what held the connections meanwhile, each for its part', (t) => {
  // Two connections: one is held from 0 to 100 by the finding, the other from 0 to 100 by something else.
  const waits = { index: [7], startMs: [20], ms: [60], totalMs: 60 };
  const blamed = blameWaits(waits, sheetOf([[0, 100]], 100), 2, 5);
  t.deepEqual(blamed, { requests: 1, ms: 30, worst: [{ wait: 0, ms: 30 }] });
  t.is(blameWaits(waits, sheetOf([[0, 100], [10, 40]], 100), 2, 5).ms, 45);
  t.deepEqual(blameWaits(waits, sheetOf([[90, 10]], 100), 2, 5), { requests: 0, ms: 0, worst: [] });
});

test('blame agrees with a count by hand, and the worst come first', (t) => {
  const { timeline } = flagship();
  const waits = collectWaits(checkoutsOf(timeline), timeline.endMs);
  t.is(waits.ms.length, timeline.checkouts.filter((c) => (c.acquiredMs ?? 0) - c.requestedMs >= 1).length);
  const random = randomFrom(9);
  const rows = Array.from({ length: 300 }, (): [number, number] => [random() * 119_000, random() * 800]);
  const { worst, ms, requests } = blameWaits(waits, sheetOf(rows, timeline.endMs), 10, 20);
  const byHand = waits.ms.map((length, i) => {
    const [from, until] = [waits.startMs[i] ?? 0, (waits.startMs[i] ?? 0) + length];
    return Math.min(length, sum(rows.map(([start, held]) => Math.max(0, Math.min(until, start + held) - Math.max(from, start)))) / 10);
  });
  const counted = byHand.filter((blame, i) => blame >= (waits.ms[i] ?? 0) * 0.05);
  t.true(counted.length > 100);
  t.is(requests, counted.length);
  t.true(Math.abs(ms - sum(counted)) < 1e-3);
  const longest = counted.toSorted((a, b) => b - a);
  for (const [i, { ms: one }] of worst.entries()) t.true(Math.abs(one - (longest[i] ?? 0)) < 1e-6);
});
