import test from 'ava';
import type { Sample, Sampler } from '../../probes/recorder/main-thread.js';
import { CONTROL, SESSION_STATES, createSharedRing, lastBeatOf, putNote } from '../../probes/recorder/ring.js';
import type { SampledFrame } from '../../probes/recorder/stack-sample.js';
import { Watchdog } from '../../probes/recorder/watchdog.js';
import type { BlockedLine, StackLine, TraceLine } from '../../probes/trace/events.js';

/** A watchdog with a clock that is moved by hand, and a thread that answers when told to. */
class World {
  readonly ring = createSharedRing();
  readonly control = new Int32Array(this.ring.control);
  readonly lines: TraceLine[] = [];
  asked: ((sample: Sample) => void) | null = null;
  questions = 0;
  asksForPause = false;
  isInspected = false;
  isWaiting: boolean | null = true;
  /** How long the thread had no processor. */
  starvedMs = 0;
  nowMs = 0;
  readonly #sampler: Sampler = {
    sample: (done, asksForPause) => {
      this.questions++;
      this.asksForPause = asksForPause;
      this.asked = done;
      return true;
    },
    close: () => (this.asked = null),
  };
  readonly watchdog: Watchdog;

  constructor(hasSampler = true) {
    this.watchdog = new Watchdog({
      ring: this.ring,
      now: (at) => (at === undefined ? this.nowMs : at[0] * 1000 + at[1] / 1e6),
      write: (line) => this.lines.push(line),
      sampler: hasSampler ? this.#sampler : null,
      isWaiting: () => this.isWaiting,
      starvedMs: () => this.starvedMs,
    });
  }

  /** The thread's heart beats. */
  beat(): void {
    lastBeatOf(this.ring)[0] = this.nowMs;
    Atomics.add(this.control, CONTROL.heartbeat, 1);
  }

  /** Time goes by, with a heart that beats or stands still, and a question answered at once where `frames` are given. */
  pass(ms: number, how: 'beating' | 'still', frames?: SampledFrame[]): void {
    for (const end = this.nowMs + ms; this.nowMs < end; ) {
      this.nowMs += 50;
      if (how === 'beating') this.beat();
      this.watchdog.tick();
      if (frames !== undefined) this.answer(frames);
    }
  }

  answer(frames: SampledFrame[], isPaused = false): void {
    const { asked } = this;
    this.asked = null;
    asked?.({ stack: frames, takenAt: [0, this.nowMs * 1e6], isInspected: this.isInspected, isPaused: isPaused && this.asksForPause });
  }

  /** The heart beats again, and the thread tells how long it did not. */
  end(): void {
    const dueAt = (lastBeatOf(this.ring)[0] ?? 0) + 50;
    this.beat();
    this.watchdog.tick();
    this.watchdog.ended(dueAt, this.nowMs - dueAt);
  }

  get blocked(): BlockedLine[] {
    return this.lines.filter((line) => line.type === 'blocked');
  }

  /** What counts in the end, each as [t, ms, innermost function, late, open]. */
  get said(): [t: number, ms: number, name: string | null, late: boolean, open: boolean][] {
    const stacks = new Map(this.lines.filter((line): line is StackLine => line.type === 'stack').map(({ id, frames }) => [id, frames]));
    const last = new Map(this.blocked.map((line) => [line.t, line]));
    return Array.from(last.values(), ({ t, ms, stack, late, open }) => [t, ms, stacks.get(stack ?? 0)?.[0]?.[0] ?? null, late ?? false, open ?? false]);
  }
}

function frame(name: string, line = 1, isEntered = false, file = '/app/app.js'): SampledFrame {
  return [name, file, line, 1, isEntered, file];
}

const NODE = frame('pbkdf2Sync', 9, false, 'node:internal/crypto/pbkdf2');
const NODE_ENTERED = frame('from', 9, true, 'node:buffer');
const DRIVER = frame('parse', 5, false, '/app/node_modules/pg-protocol/dist/parser.js');

test('nothing is asked or written while the heart beats, or misses a beat', (t) => {
  const world = new World();
  world.pass(500, 'beating');
  world.pass(100, 'still');
  world.pass(500, 'beating');
  t.deepEqual([world.questions, world.lines], [0, []]);
});

test('a block is written while it lasts, again and again, and once when it is over', (t) => {
  const world = new World();
  world.pass(500, 'beating');
  world.pass(3000, 'still', [frame('spin', 7), frame('handle', 3)]);
  t.deepEqual(world.lines[0], { type: 'stack', id: -1, frames: [['spin', '/app/app.js', 7, 1], ['handle', '/app/app.js', 3, 1]] });
  const whileOpen = world.blocked;
  t.true(whileOpen.every((line) => line.open === true && line.t === 550 && line.stack === -1));
  t.deepEqual(whileOpen.map(({ ms }) => ms), [150, 1150, 2150]);
  world.end();
  t.deepEqual(world.said, [[550, 2950, 'spin', false, false]]);
  t.is(world.lines.filter(({ type }) => type === 'stack').length, 1);
  // Ever more rarely.
  t.true(world.questions <= 6, `${world.questions} questions`);
  world.pass(500, 'beating');
  t.is(world.blocked.length, 4);
});

test('of several places, the one that took longest is named', (t) => {
  const world = new World();
  world.pass(500, 'beating');
  world.pass(400, 'still', [frame('first')]);
  world.pass(1600, 'still', [frame('second')]);
  world.end();
  t.deepEqual(world.said, [[550, 1950, 'second', false, false]]);
  const other = new World();
  other.pass(500, 'beating');
  other.pass(1600, 'still', [frame('first')]);
  other.pass(300, 'still', [frame('second')]);
  other.end();
  t.deepEqual(other.said, [[550, 1850, 'first', false, false]]);
});

test('frames of node, the driver and the probe are left out; without any other there is no stack', (t) => {
  const own = frame('wrapped', 1, false, new URL('../../probes/observe/sync-calls.js', import.meta.url).href);
  const world = new World();
  world.pass(500, 'beating');
  world.pass(300, 'still', [frame('nowSync', 1, false, ''), NODE, own, DRIVER, frame('handle')]);
  world.end();
  t.deepEqual(world.said, [[550, 250, 'handle', false, false]]);
  const empty = new World();
  empty.pass(500, 'beating');
  empty.pass(300, 'still', [NODE, DRIVER]);
  t.deepEqual(empty.blocked, []);
  empty.end();
  t.deepEqual(empty.said, [[550, 250, null, false, false]]);
});

test('native code answers late: what was just entered is left out, what is near says so', (t) => {
  const cases: [frames: SampledFrame[], said: [string, boolean]][] = [
    [[NODE_ENTERED, NODE, frame('hash')], ['hash', false]],
    [[NODE, frame('hash')], ['hash', false]],
    [[frame('next', 1, true), frame('load')], ['load', true]],
    [[NODE_ENTERED, frame('load')], ['load', true]],
    [[frame('load')], ['load', true]],
  ];
  for (const [frames, [name, late]] of cases) {
    const world = new World();
    world.pass(500, 'beating');
    world.pass(600, 'still');
    world.answer(frames);
    world.end();
    t.deepEqual(world.said, [[550, 550, name, late, false]]);
  }
  // Asked at once, the thread answers from where it is; what it has just entered did nothing yet all the same.
  const prompt = new World();
  prompt.pass(500, 'beating');
  prompt.pass(600, 'still', [frame('next', 1, true), frame('load')]);
  prompt.end();
  t.deepEqual(prompt.said, [[550, 550, 'load', false, false]]);
});

test('what does not answer is written without a stack, and named when it does', (t) => {
  const world = new World();
  world.pass(500, 'beating');
  world.pass(2000, 'still');
  t.is(world.questions, 1);
  t.deepEqual(world.blocked[0], { type: 'blocked', t: 550, ms: 1000, open: true });
  // The end is known before the answer is there.
  world.end();
  t.deepEqual(world.said, [[550, 1000, null, false, true]]);
  world.answer([NODE, frame('hash')]);
  t.deepEqual(world.said, [[550, 1950, 'hash', false, false]]);
});

test('an answer that never comes keeps nobody waiting', (t) => {
  const world = new World();
  world.pass(500, 'beating');
  world.pass(300, 'still');
  world.end();
  t.deepEqual(world.blocked, []);
  world.pass(600, 'beating');
  t.deepEqual(world.said, [[550, 250, null, false, false]]);
  t.is(world.asked, null);
});

test('the end of a recording writes what is known, and asks nothing more', (t) => {
  for (const isTold of [true, false]) {
    const world = new World();
    world.pass(500, 'beating');
    world.pass(100, 'still');
    world.pass(300, 'still', [frame('spin')]);
    // The thread tells of it in the end; there may be no room for that.
    world.beat();
    world.watchdog.close();
    if (isTold) world.watchdog.ended(550, 350);
    world.watchdog.stop();
    t.deepEqual(world.said, [[550, 350, 'spin', false, !isTold]]);
    t.is(world.asked, null);
  }
});

test('that the thread waits for the end of its recording is no block, however long a busy machine takes', (t) => {
  for (const state of [SESSION_STATES.barred, SESSION_STATES.open]) {
    for (const ms of [300, 3000]) {
      const world = new World();
      world.pass(500, 'beating');
      Atomics.store(world.control, CONTROL.session, state);
      world.pass(ms, 'still');
      world.watchdog.close();
      world.watchdog.stop();
      // It cannot say that it waits while it is being asked something.
      t.deepEqual(world.said, state === SESSION_STATES.barred || ms < 1000 ? [] : [[550, 0, null, false, false]]);
    }
  }
});

test('a thread that does not answer, or cannot be asked, is where it noted to be', (t) => {
  for (const hasSampler of [true, false]) {
    const world = new World(hasSampler);
    world.pass(500, 'beating');
    putNote(world.ring, JSON.stringify([NODE, frame('dump', 12)]));
    world.pass(5000, 'still');
    t.is(world.questions, hasSampler ? 1 : 0);
    const first = hasSampler ? 200 : 100;
    t.deepEqual(world.blocked.map(({ ms, open }) => [ms, open]), [0, 1000, 2000, 3000, 4000].map((ms) => [first + ms, true]));
    // When it answers at last, it is in what came next.
    world.answer([frame('after', 1, true), frame('dump', 14)]);
    world.end();
    t.deepEqual(world.said, [[550, 4950, 'dump', false, false]]);
    t.deepEqual(world.lines.filter(({ type }) => type === 'stack').map((line) => (line as StackLine).frames[0]?.[2]), [12]);
  }
});

test('a thread that works is in something else than what it noted; where nobody knows, that is near', (t) => {
  const working = new World();
  working.isWaiting = false;
  working.pass(500, 'beating');
  putNote(working.ring, JSON.stringify([NODE, frame('dump', 12)]));
  working.pass(3000, 'still');
  working.answer([frame('after', 1, true), frame('parse', 14)]);
  working.end();
  t.deepEqual(working.said, [[550, 2950, 'parse', true, false]]);
  const unknown = new World();
  unknown.isWaiting = null;
  unknown.pass(500, 'beating');
  putNote(unknown.ring, JSON.stringify([NODE, frame('dump', 12)]));
  unknown.pass(3000, 'still');
  unknown.answer([frame('after', 1, true), frame('dump', 14)]);
  unknown.end();
  t.deepEqual(unknown.said, [[550, 2950, 'dump', true, false]]);
});

test('a note that is too long is none', (t) => {
  const world = new World();
  putNote(world.ring, 'x'.repeat(1 << 20));
  t.is(world.control[CONTROL.noted], 0);
});

test('blocks that are too short for the watchdog are written as they are measured', (t) => {
  const world = new World();
  world.pass(500, 'beating');
  world.watchdog.ended(430, 70);
  t.deepEqual(world.lines, [{ type: 'blocked', t: 430, ms: 70 }]);
});

test('a time in which the watchdog did not run either is no block: a sleeping machine, SIGSTOP, no processor', (t) => {
  const world = new World();
  world.pass(500, 'beating');
  // Both stop; the heart beats as soon as they go on.
  world.nowMs += 60_000;
  world.end();
  world.pass(500, 'beating');
  t.deepEqual([world.questions, world.lines], [0, []]);
  // The same where it took a moment longer.
  world.nowMs += 60_000;
  world.watchdog.tick();
  world.nowMs += 20;
  world.end();
  t.deepEqual([world.questions, world.lines], [0, []]);
  // The same where we were stopped between a tick and what is read after it.
  world.nowMs += 60_000;
  world.beat();
  world.watchdog.ended(world.nowMs - 59_950, 59_950);
  t.deepEqual([world.questions, world.lines], [0, []]);
  // Its twin.
  world.pass(500, 'beating');
  world.pass(60_000, 'still', [frame('spin')]);
  world.end();
  t.is(world.said.length, 1);
});

test('a stop of the process is no block either where the watchdog goes on long before the program does', (t) => {
  for (const frames of [undefined, [frame('spin')]]) {
    const world = new World();
    world.pass(500, 'beating');
    // Beats once more, so that what the watchdog misses begins before the block.
    world.nowMs += 20;
    world.beat();
    world.nowMs += 60_000;
    world.pass(250, 'still', frames);
    // Killed now, it would leave no more than this.
    t.true(world.blocked.every(({ ms }) => ms <= 200), JSON.stringify(world.blocked));
    t.is(world.blocked.length, frames === undefined ? 0 : 1);
    world.end();
    // Where it waits for an answer.
    world.pass(600, 'beating');
    t.deepEqual(world.said.filter(([at]) => at < 60_000), frames === undefined ? [] : [[570, 0, 'spin', false, false]]);
    t.deepEqual(world.said.filter(([at]) => at > 60_000).map(([, ms]) => ms), [200]);
  }
});

test('of a late answer counts what it was late by, without the time for which there was no processor', (t) => {
  const cases: [starvedMs: number, named: string, late: boolean][] = [
    [0, 'parse', true],
    [500, 'spin', false],
  ];
  for (const [starvedMs, named, late] of cases) {
    const world = new World();
    world.pass(500, 'beating');
    world.pass(250, 'still', [frame('spin')]);
    // Asked anew at 800, and answered at 1400: from where the thread went on after it.
    world.pass(650, 'still');
    world.starvedMs += starvedMs;
    world.answer([frame('parse')]);
    world.end();
    t.deepEqual(world.said, [[550, 850, named, late, false]]);
  }
});

test('a block around a long sleep is cut in two, one around a hiccup is not', (t) => {
  const world = new World();
  world.pass(500, 'beating');
  world.pass(1000, 'still', [frame('spin')]);
  world.nowMs += 60_000;
  world.pass(1000, 'still', [frame('spin')]);
  world.end();
  t.deepEqual(world.said, [
    [550, 1000, 'spin', false, false],
    [61_550, 950, 'spin', false, false],
  ]);
  const other = new World();
  other.pass(500, 'beating');
  other.pass(1000, 'still', [frame('spin')]);
  other.nowMs += 300;
  other.pass(1000, 'still', [frame('spin')]);
  other.end();
  t.deepEqual(other.said, [[550, 2250, 'spin', false, false]]);
});

test('a program that a debugger has stopped is not blocked', (t) => {
  const world = new World();
  world.isInspected = true;
  world.pass(500, 'beating');
  world.pass(150, 'still');
  // To ask at once would cost too much.
  t.false(world.asksForPause);
  world.answer([frame('inspected')], true);
  world.pass(850, 'still');
  t.deepEqual(world.lines.filter(({ type }) => type === 'blocked'), []);
  world.pass(100, 'still');
  t.true(world.asksForPause);
  world.answer([frame('inspected')], true);
  world.pass(60_000, 'still');
  t.is(world.questions, 2);
  world.end();
  t.deepEqual(world.said, []);
});

test('one that listens for a debugger and is blocked is written a little later, up to when a debugger stops it', (t) => {
  for (const isStopped of [false, true]) {
    const world = new World();
    world.isInspected = true;
    world.pass(500, 'beating');
    world.pass(900, 'still', [frame('spin')]);
    t.deepEqual(world.blocked, []);
    world.pass(600, 'still', [frame('spin')]);
    t.is(world.blocked.at(-1)?.open, true);
    while (world.asked === null) world.pass(50, 'still');
    const askedAt = world.nowMs;
    world.answer([frame('inspected')], isStopped);
    world.pass(60_000, 'still', isStopped ? undefined : [frame('spin')]);
    world.end();
    t.is(world.said.length, 1);
    const [at, ms, name, late, open] = world.said[0] ?? [];
    t.deepEqual([at, name, late, open], [550, 'spin', false, false]);
    t.is((ms ?? 0) < askedAt, isStopped);
  }
  // A short one is over before anybody could know.
  const short = new World();
  short.isInspected = true;
  short.pass(500, 'beating');
  short.pass(400, 'still', [frame('spin')]);
  short.end();
  t.deepEqual(short.said, [[550, 350, 'spin', false, false]]);
});
