/**
 * The watchdog: sees from the writer thread that the program's heartbeat has stopped, finds out where it stands, and writes
 * the block down while it lasts.
 */
import { isMachinery } from '../observe/stacks.js';
import { nameOfFile } from '../observe/file-name.js';
import type { BlockedLine, RawFrame, TraceLine } from '../trace/events.js';
import type { Sample, Sampler } from './main-thread.js';
import { findCallBefore } from './call-before.js';
import { BEAT_MS, CONTROL, SESSION_STATES, lastBeatOf, readNote, type SharedRing } from './ring.js';
import type { SampledFrame } from './stack-sample.js';

/**
 * The heart has stood still for this long: three beats, of which a busy program misses one or two to a garbage collection or
 * another process. What is written for shorter blocks has no stack.
 */
const STALLED_MS = 150;
/** Without a stack, a block is written only after this time: native code is asked as soon as it returns, which is soon most times. */
const NAMELESS_MS = 1000;
/** From when on to ask whether a debugger has stopped the program, where that may be; nothing is written before. */
const PAUSE_MS = 1000;
/** How often a lasting block is written again, so that a killed process leaves its length. */
const REWRITE_MS = 1000;
/** An answer that took longer came from code that could not be interrupted, when that had returned. */
const LATE_MS = 20;
/** We did not run for longer than this when we should: no more could the program (a sleeping laptop, SIGSTOP, no CPU). */
const ABSENT_MS = 100;
/** A block is worth its lines if this much of it is left without such times. */
const SHORTEST_MS = 50;
/** Of a longer one nothing is known of what was before: a block is cut in two. */
const CUTTING_MS = 1000;
/** How long to wait for the answer of a thread that is free again. */
const ANSWER_MS = 500;
const MOST_ABSENCES = 100;
const MOST_FRAMES = 24;

/** A place at which the thread was seen. */
interface Place {
  stack: number;
  late: boolean;
  /** How much of the block was spent there, as far as samples show. */
  ms: number;
}

interface Block {
  t: number;
  /** By innermost function. */
  places: Map<string, Place>;
  /** Up to when samples account for it, and when to take the next. */
  sampledUntil: number;
  nextSample: number;
  /** When the unanswered question was put, and how long the thread had been without a processor by then, as `starvedMs`. */
  asked: { at: number; starvedMs: number } | null;
  /** What its last line said of the place, and when it was written; null: there is none. */
  written: { stack: number; at: number } | null;
  /** A debugger may have stopped the program: not known yet. */
  isDoubtful: boolean;
  /** A debugger had stopped the program by then, which is no block. */
  pausedAt: number | null;
  /** As the program's thread measured it when it was over; its last line waits for an answer until then. */
  ended: { ms: number; until: number } | null;
}

interface Span {
  from: number;
  to: number;
}

export interface WatchdogOptions {
  ring: SharedRing;
  /** Milliseconds since the trace's start; of now, or of another time of hrtime's clock. */
  now: (at?: [number, number]) => number;
  write: (line: TraceLine) => void;
  /** null: the program's thread cannot be asked, as it is no main thread. */
  sampler: Sampler | null;
  /** Whether the program's thread waits for the operating system; null where that is not known. */
  isWaiting: () => boolean | null;
  /** How long the program's thread has been ready in all and had no processor; 0 where that is not known. */
  starvedMs: () => number;
}

export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #control: Int32Array;
  readonly #lastBeat: Float64Array;
  readonly #stackIds = new Map<string, number>();
  readonly #absences: Span[] = [];
  #lastTick: number;
  #beat = 0;
  /** How long we have seen the heart stand still; time in which we did not run ourselves counts little. */
  #stillMs = 0;
  #block: Block | null = null;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#control = new Int32Array(options.ring.control);
    this.#lastBeat = lastBeatOf(options.ring);
    this.#lastTick = options.now();
  }

  /** To be called every fifty milliseconds. */
  tick(): void {
    const now = this.#options.now();
    const elapsed = now - this.#lastTick;
    this.#noteAbsence(now);
    this.#lastTick = now;
    const beat = Atomics.load(this.#control, CONTROL.heartbeat);
    if (beat !== this.#beat) {
      this.#beat = beat;
      this.#stillMs = 0;
    } else this.#stillMs += Math.min(elapsed, BEAT_MS * 2);
    const block = this.#block;
    if (block !== null && block.ended !== null && now >= block.ended.until) this.#finish(block);
    if (this.#stillMs >= STALLED_MS) this.#attend(now);
  }

  /** The program's thread is free again, and says how long it was not. */
  ended(t: number, ms: number): void {
    // Whatever stopped us both may have done so after our last tick.
    this.#noteAbsence(this.#options.now());
    const block = this.#block;
    if (block === null || block.t !== t) return this.#writeParts({ type: 'blocked', t, ms }, false);
    block.ended = { ms, until: this.#options.now() + ANSWER_MS };
    if (block.asked === null) this.#finish(block);
  }

  /** The recording ends: nothing more is asked. */
  close(): void {
    this.#options.sampler?.close();
    if (this.#block !== null) this.#block.asked = null;
  }

  /** What is known is written. The program's thread has told of its last block before it asks for this: since then it waits for us. */
  stop(): void {
    const block = this.#block;
    if (block === null) return;
    if (block.t === this.#dueAt()) block.ended ??= { ms: 0, until: 0 };
    this.#finish(block);
  }

  #attend(now: number): void {
    // It waits for us to write the rest.
    if (Atomics.load(this.#control, CONTROL.session) === SESSION_STATES.barred) return;
    const t = this.#dueAt();
    // The end of the one before was dropped for want of room.
    if (this.#block !== null && this.#block.t !== t) this.#forget();
    const block = (this.#block ??= newBlock(t, now));
    if (block.ended !== null || block.pausedAt !== null) return;
    if (now >= block.nextSample) this.#sample(block, now);
    if (block.isDoubtful) return;
    const { written } = block;
    const ms = now - t - absentMs(this.#absencesIn(t, now), t, now);
    const isDue = written === null ? placeOf(block) !== null || ms >= NAMELESS_MS : now - written.at >= REWRITE_MS || written.stack !== (placeOf(block)?.stack ?? 0);
    if (isDue) {
      block.written = { stack: placeOf(block)?.stack ?? 0, at: now };
      this.#options.write({ ...describe(block, ms), open: true });
    }
  }

  /** When the heart should have beaten again. */
  #dueAt(): number {
    return round(this.#lastBeat[0]! + BEAT_MS);
  }

  /** Samples are taken ever more rarely, each speaks for the time since the one before. */
  #sample(block: Block, now: number): void {
    block.nextSample = now + Math.max(BEAT_MS, now - block.t);
    if (block.asked !== null) return this.#takeNote(block);
    block.asked = { at: now, starvedMs: this.#options.starvedMs() };
    const asksForPause = now - block.t >= PAUSE_MS;
    const isAsked = this.#options.sampler?.sample((sample) => this.#answered(block, sample, asksForPause), asksForPause) ?? false;
    if (isAsked) return;
    block.asked = null;
    this.#takeNote(block);
  }

  /** The thread does not answer, so it is in native code: in that which it noted, if it waits there rather than works. */
  #takeNote(block: Block): void {
    const isWaiting = this.#options.isWaiting();
    const note = isWaiting === false ? null : readNote(this.#options.ring);
    if (note !== null) this.#take(block, JSON.parse(note) as SampledFrame[], isWaiting === null ? 'near' : 'exact', block.sampledUntil);
  }

  #answered(block: Block, { stack, takenAt, isInspected, isPaused }: Sample, askedForPause: boolean): void {
    if (this.#block !== block || block.asked === null) return;
    const { at, starvedMs } = block.asked;
    // The clock of the program's thread may be the program's own, as its tests have it.
    const waitedMs = this.#options.now(takenAt) - at;
    const isLate = Math.min(waitedMs < 0 ? Infinity : waitedMs, this.#options.now() - at) > LATE_MS;
    block.asked = null;
    if (isPaused) {
      if (block.isDoubtful) block.places.clear();
      block.pausedAt = block.isDoubtful ? block.t : block.sampledUntil;
    } else if (stack !== null && isLate) {
      // What was there before it was asked would have answered; what was there since may have waited for a processor.
      const since = block.places.size === 0 ? block.sampledUntil : at + this.#options.starvedMs() - starvedMs;
      this.#take(block, stack, 'late', since);
    } else if (stack !== null) this.#take(block, stack, 'exact', block.sampledUntil);
    block.isDoubtful = isInspected && !askedForPause;
    if (block.isDoubtful) block.nextSample = block.t + PAUSE_MS;
    // Where it goes on, another one is better.
    else if (isLate) block.nextSample = 0;
    if (block.ended !== null) this.#finish(block);
  }

  /** @param since from when on the sample speaks for the time, at most up to the one before. */
  #take(block: Block, stack: SampledFrame[], how: 'exact' | 'near' | 'late', since: number): void {
    const now = this.#options.now();
    const { frames, isExact } = how === 'near' ? { ...framesOf(stack, false), isExact: false } : framesOf(stack, how === 'late');
    const [innermost] = frames;
    const key = innermost === undefined ? '' : `${innermost[0]}\n${innermost[1]}`;
    const place = block.places.get(key) ?? { stack: 0, late: true, ms: 0 };
    block.places.set(key, place);
    place.ms += Math.max(0, now - Math.max(block.sampledUntil, since));
    block.sampledUntil = now;
    if (innermost === undefined || (place.stack !== 0 && (!place.late || !isExact))) return;
    place.stack = this.#stackId(frames);
    place.late = !isExact;
  }

  #stackId(frames: RawFrame[]): number {
    const key = JSON.stringify(frames);
    let id = this.#stackIds.get(key);
    if (id === undefined) {
      id = -(this.#stackIds.size + 1);
      this.#stackIds.set(key, id);
      this.#options.write({ type: 'stack', id, frames });
    }
    return id;
  }

  #finish(block: Block): void {
    const { t, pausedAt, written } = block;
    const ms = pausedAt === null ? (block.ended?.ms ?? Math.max(0, this.#options.now() - t)) : pausedAt - t;
    this.#forget();
    const line = describe(block, ms);
    const isOver = block.ended !== null || pausedAt !== null;
    this.#writeParts(isOver ? line : { ...line, open: true }, written !== null);
  }

  #forget(): void {
    if (this.#block !== null && this.#block.asked !== null) this.#options.sampler?.close();
    this.#block = null;
  }

  /** Writes a block without the times in which nothing ran. */
  #writeParts(line: BlockedLine, isThere: boolean): void {
    const { t, ms } = line;
    const absences = this.#absencesIn(t, t + ms);
    const restMs = ms - absentMs(absences, t, t + ms);
    if (restMs < SHORTEST_MS) {
      if (isThere) this.#options.write({ ...line, ms: round(restMs) });
      return;
    }
    let from = t;
    for (const absence of [...absences.filter((span) => span.to - span.from >= CUTTING_MS), { from: t + ms, to: t + ms }]) {
      // One may have begun before the block did.
      const partMs = Math.max(0, absence.from - from);
      if (partMs >= SHORTEST_MS || (isThere && from === t)) this.#options.write({ ...line, t: round(from), ms: round(partMs) });
      from = absence.to;
    }
  }

  #absencesIn(from: number, to: number): Span[] {
    return this.#absences.filter((span) => span.to > from && span.from < to);
  }

  /** If we did not run since the last tick, though we should have. */
  #noteAbsence(now: number): void {
    if (now - this.#lastTick <= BEAT_MS + ABSENT_MS) return;
    this.#absences.push({ from: this.#lastTick + BEAT_MS, to: now });
    if (this.#absences.length > MOST_ABSENCES) this.#absences.shift();
    this.#lastTick = now;
  }
}

function newBlock(t: number, now: number): Block {
  return { t, places: new Map(), sampledUntil: t, nextSample: now, asked: null, written: null, isDoubtful: false, pausedAt: null, ended: null };
}

/** How much of a time is in the spans, none of which overlap. */
function absentMs(spans: readonly Span[], from: number, to: number): number {
  return spans.reduce((sum, span) => sum + Math.min(span.to, to) - Math.max(span.from, from), 0);
}

/** Where most of it was spent; null: nowhere that is known. */
function placeOf({ places }: Block): Place | null {
  let most: Place | null = null;
  for (const place of places.values()) if (most === null || place.ms > most.ms) most = place;
  return most === null || most.stack === 0 ? null : most;
}

function describe(block: Block, ms: number): BlockedLine {
  const place = placeOf(block);
  return { type: 'blocked', t: block.t, ms: round(ms), ...(place === null ? {} : { stack: place.stack }), ...(place?.late === true ? { late: true } : {}) };
}

/**
 * The frames that a trace has. After native code, the thread was stopped on entering the next function: that one did nothing
 * yet. If then the application's own code is on top, it is only near the call, which its source may tell.
 */
function framesOf(stack: readonly SampledFrame[], isLate: boolean): { frames: RawFrame[]; isExact: boolean } {
  const all = stack.filter(([, file]) => file !== '');
  const isEntered = all.length > 1 && all[0]?.[4] === true;
  if (isEntered) all.shift();
  const isExact = !isLate || all[0] === undefined || isMachinery(all[0][5]);
  const frames = all.filter((frame) => !isMachinery(frame[5])).slice(0, MOST_FRAMES).map(([name, file, line, column]): RawFrame => [name, nameOfFile(file), line, column]);
  const [innermost] = frames;
  if (innermost !== undefined && isEntered && !isExact) {
    const [name, file, line, column] = innermost;
    const call = findCallBefore(file, { line, column });
    if (call !== null) frames[0] = [name, file, call.line, call.column];
  }
  return { frames, isExact };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
