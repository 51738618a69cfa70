import test from 'ava';
import type { Job } from '../../reports/what-if/model.js';
import { openHeap } from '../../reports/what-if/heap.js';
import { findFlows, simulate } from '../../reports/what-if/simulate.js';
import { findStarvingAt } from '../../reports/what-if/starving-at.js';

const job = (requestedMs: number, holdMs: number, movedMs = 0): Job => ({ requestedMs, holdMs, movedMs });
/** As `clients` would ask that ask again as soon as they were served, of a pool that has a connection for each. */
const closedLoop = (clients: number, rounds: number, holdMs: number): Job[] =>
  Array.from({ length: clients * rounds }, (_, i) => job(Math.floor(i / clients) * (holdMs + 1) + (i % clients) * 0.01, holdMs));

test('a heap gives its values back by rank', (t) => {
  const heap = openHeap<number>((a, b) => a - b);
  const values = Array.from({ length: 200 }, (_, i) => (i * 7919) % 211);
  for (const value of values) heap.push(value);
  t.is(heap.peek(), Math.min(...values));
  t.deepEqual(values.map(() => heap.pop()), values.toSorted((a, b) => a - b));
  t.is(heap.pop(), undefined);
});

test('first come, first served', (t) => {
  const jobs = [job(0, 10), job(1, 10), job(2, 10), job(30, 10)];
  const { wait, waitedShare, pendingMax, checkoutsPerSecond } = simulate(jobs, 1, 'steady');
  t.is(wait.maxMs, 18, 'the third: asked at 2, got it at 20');
  t.is(wait.p50Ms, 0);
  t.is(waitedShare, 0.5);
  t.is(pendingMax, 2);
  t.is(checkoutsPerSecond, 100, 'four in 40 ms');
  t.is(simulate(jobs, 2, 'steady').wait.maxMs, 8);
  t.is(simulate(jobs, 3, 'steady').wait.maxMs, 0);
});

test('who came after whom: the hold that ended last, with the pause between', (t) => {
  const flows = findFlows([job(0, 10), job(2, 10), job(11, 5), job(13, 5)]);
  t.deepEqual(flows.map(({ startMs, jobs }) => [startMs, jobs.map(({ pauseMs }) => pauseMs)]), [[0, [1, 0]], [2, [1, 0]]]);
});

test('where requests follow each other, more connections mean more requests; where they are steady, only less waiting', (t) => {
  // Four clients that were recorded with one connection: each waited for the other three.
  const jobs = Array.from({ length: 100 }, (_, i) => Object.assign(job(Math.max(0, i - 3) * 10, 10), { endedMs: (i + 1) * 10 }));
  const [one, four] = [simulate(jobs, 1, 'following'), simulate(jobs, 4, 'following')];
  t.is(one.wait.p50Ms, 30);
  t.is(four.wait.maxMs, 0);
  t.true(Math.abs(four.checkoutsPerSecond / one.checkoutsPerSecond - 4) < 0.2, `${one.checkoutsPerSecond} → ${four.checkoutsPerSecond}`);
  t.true(Math.abs(simulate(jobs, 4, 'steady').checkoutsPerSecond / one.checkoutsPerSecond - 1) < 0.1);
});

test('time that is moved out of a hold frees the connection, and passes all the same', (t) => {
  const held = closedLoop(3, 40, 100);
  const moved = held.map(({ requestedMs, holdMs }) => job(requestedMs, holdMs, 90));
  const [before, after] = [simulate(held, 1, 'following'), simulate(moved, 1, 'following')];
  t.true(before.wait.p50Ms > 150);
  t.true(after.wait.p50Ms < 20);
  t.true(after.checkoutsPerSecond < 31, 'three clients of 100 ms cannot do more than 30 a second');
  t.true(after.checkoutsPerSecond > before.checkoutsPerSecond * 2.5);
});

for (const pool of [1, 5, 10, 20]) {
  test(`who does nothing but hold: a pool of ${pool} starves at ${pool + 1}`, (t) => {
    t.is(findStarvingAt(closedLoop(pool, 50, 100), pool), pool + 1);
  });
}

test('who holds for a tenth of the time starves much later, and who never holds, never', (t) => {
  const tenth = closedLoop(5, 50, 100).map(({ requestedMs, holdMs }) => job(requestedMs, holdMs, 90));
  t.is(findStarvingAt(tenth, 5), 51, 'five connections, each held for 10 of 101 ms, by clients that get out of each other’s way');
  const scattered = tenth.map((one, i) => job(one.requestedMs, one.holdMs, 85 + (i * 7) % 11));
  const earlier = findStarvingAt(scattered, 5) ?? 0;
  t.true(earlier > 15 && earlier < 51, `who holds for 4 to 15 ms gets in the way at times: ${earlier}`);
  t.is(findStarvingAt(closedLoop(5, 50, 100).map(({ requestedMs, holdMs }) => job(requestedMs, holdMs, 100)), 5), null);
  t.is(findStarvingAt([], 5), null);
});
