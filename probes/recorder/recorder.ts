/** The program's side of the recorder: starts the writer thread, gives it records, and ends it without losing any. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { Worker, isMainThread, threadId } from 'node:worker_threads';
import { isDeep } from '../deep/mode.js';
import { FORMAT_VERSION, type TraceHeader } from '../trace/events.js';
import type { Keep } from './keep.js';
import { LONGEST_TEXT, RECORD } from './records.js';
import { CONTROL, RingProducer, SESSION_STATES, WRITER_STATES, createSharedRing, lastBeatOf, putNote, type SharedRing } from './ring.js';
import { endsAbruptly } from './test-worker.js';
import { TraceFile, type TraceTarget } from './trace-file.js';
import { pathOfPart } from './trace-parts.js';
import type { WriterData } from './writer-thread.js';

/** The program may replace its clock and timers (fake timers of test runners): these are from before. */
const { performance, setImmediate } = globalThis;
const { hrtime } = process;

/** A program's exit waits for the writer thread in rounds of so many milliseconds. */
const ROUND_MS = 5;
/** Half a second of them. Not until a time: while a machine stands still, the writer does not get on either. */
const MOST_ROUNDS = 100;
/** More problems than this say nothing new. */
const MOST_PROBLEMS = 20;

/** Definitions that may wait for room. */
const MOST_WAITING = 10_000;

export const TOOL_VERSION = '0.1.0';

export class Recorder {
  readonly #ring: SharedRing;
  readonly #control: Int32Array;
  readonly #lastBeat: Float64Array;
  readonly #producer: RingProducer;
  /** The trace's start on the clock of hrtime: whole seconds, and milliseconds beyond. */
  readonly #seconds: number;
  readonly #fraction: number;
  readonly #target: TraceTarget;
  #worker: Worker | null = null;
  /** Instead of a writer thread: this thread writes, right after what happened. */
  #file: TraceFile | null = null;
  #drainDue = false;
  #problems = 0;
  /** Definitions that found no room; nothing may be written before them that refers to them. */
  readonly #waiting: string[] = [];
  #stopped = false;

  /**
   * Starts to record; the file is made in `directory` as soon as there is something to say.
   * @param keep how much of the end is enough; null: all is kept.
   */
  constructor(directory: string, keep: Keep | null) {
    const [seconds, nanoseconds] = hrtime();
    this.#seconds = seconds;
    this.#fraction = nanoseconds / 1e6;
    const startedAt = performance.timeOrigin + performance.now();
    this.#ring = createSharedRing();
    this.#control = new Int32Array(this.#ring.control);
    this.#lastBeat = lastBeatOf(this.#ring);
    this.#producer = new RingProducer(this.#ring);
    const stamp = new Date(startedAt).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
    const name = `${stamp}-${process.pid}${threadId === 0 ? '' : `.${threadId}`}-${Math.trunc(startedAt) % 1000}.ndjson`;
    this.#target = { path: join(directory, name), header: traceHeader(startedAt, seconds * 1000 + this.#fraction), keep };
    if (endsAbruptly(process.env)) this.#writeHere();
    else this.#startWriter();
  }

  /** Milliseconds since the trace's start. */
  now(): number {
    // Twice as fast as performance.now(), on the same clock.
    const [seconds, nanoseconds] = hrtime();
    return (seconds - this.#seconds) * 1000 + nanoseconds / 1e6 - this.#fraction;
  }

  get path(): string {
    return this.#target.path;
  }

  /** Writes a line of the trace as it is. Definitions that find no room are kept and come first later. */
  line(line: object): void {
    if (this.#stopped) return;
    const text = JSON.stringify(line);
    if (text.length > LONGEST_TEXT) return this.problem('recorder', 'a line was too long');
    if (this.#flushWaiting() && this.#writeLine(text)) return;
    // The disk hangs: rather no more of the trace than no end of memory.
    if (this.#waiting.push(text) > MOST_WAITING) this.#stopped = true;
  }

  /**
   * Begins a record, as RingProducer.begin does: fill `cells` from the cell it gives, then `commit`.
   * @returns -1 when it was dropped for want of room.
   */
  begin(kind: number, length: number, text = ''): number {
    if (this.#stopped || (this.#waiting.length > 0 && !this.#flushWaiting())) {
      Atomics.add(this.#control, CONTROL.dropped, 1);
      return -1;
    }
    return this.#producer.begin(kind, length, text);
  }

  get cells(): Float64Array {
    return this.#producer.cells;
  }

  commit(): void {
    this.#producer.commit();
    if (this.#file !== null) this.#drainSoon(this.#file);
  }

  /** A failure of our own. The program must not notice it; the report will say it. */
  problem(where: string, error: unknown): void {
    if (++this.#problems > MOST_PROBLEMS) return;
    this.line({ type: 'problem', t: round(this.now()), where, message: describeProblem(error) });
  }

  /** The event loop turns; `now` is when it was seen. */
  beat(now: number): void {
    this.#lastBeat[0] = now;
    Atomics.add(this.#control, CONTROL.heartbeat, 1);
    Atomics.store(this.#control, CONTROL.noted, 0);
    if (this.#waiting.length > 0) this.#flushWaiting();
  }

  /** The event loop did not turn for `ms`, from the time on at which a beat was due. */
  blocked(t: number, ms: number): void {
    const at = this.begin(RECORD.blocked, 2);
    if (at < 0) return;
    this.cells[at] = round(t);
    this.cells[at + 1] = round(ms);
    this.commit();
  }

  /** Control words that are shared with the watchdog; see CONTROL. */
  get control(): Int32Array {
    return this.#control;
  }

  /** Tells the watchdog where the program is, before a call that may block it. Taken back by the next heartbeat. */
  note(stack: string): void {
    putNote(this.#ring, stack);
  }

  /** Writes the rest and closes the file. Waits for the writer thread, about half a second at most. */
  stop(exitCode: number | null): void {
    if (this.#stopped) return;
    // From here on a sample would show nothing but this.
    Atomics.compareExchange(this.#control, CONTROL.session, SESSION_STATES.none, SESSION_STATES.barred);
    this.line({ type: 'end', t: round(this.now()), exitCode });
    const writer = CONTROL.writer;
    if (this.#file !== null || Atomics.compareExchange(this.#control, writer, WRITER_STATES.idle, WRITER_STATES.main) === WRITER_STATES.idle) {
      this.#drainHere();
      this.#stopped = true;
    } else {
      let rounds = MOST_ROUNDS;
      while (!this.#flushWaiting() && rounds-- > 0 && this.#waitRound(writer, WRITER_STATES.thread));
      this.#stopped = true;
      this.#worker?.postMessage('stop');
      while (rounds-- > 0 && this.#waitRound(writer, WRITER_STATES.thread));
      // Node says so, and may wait for ever, when a process ends with an inspector session open.
      rounds = MOST_ROUNDS;
      while (rounds-- > 0 && this.#waitRound(CONTROL.session, SESSION_STATES.open));
    }
  }

  /** Waits for a control word to change; false: it has. */
  #waitRound(word: number, from: number): boolean {
    return Atomics.wait(this.#control, word, from, ROUND_MS) === 'timed-out';
  }

  #writeHere(): void {
    Atomics.store(this.#control, CONTROL.writer, WRITER_STATES.main);
    this.#file = new TraceFile(this.#ring, this.#target);
  }

  #drainSoon(file: TraceFile): void {
    if (this.#drainDue) return;
    this.#drainDue = true;
    setImmediate(() => {
      this.#drainDue = false;
      if (this.#stopped) return;
      try {
        file.drain(this.now());
      } catch (error) {
        this.#stopped = true;
        file.fail(this.now(), error);
      }
    });
  }

  #drainHere(): void {
    const file = this.#file ?? new TraceFile(this.#ring, this.#target);
    try {
      file.drain(this.now());
      // Into an empty ring there goes one at least.
      while (!this.#flushWaiting()) file.drain(this.now());
      file.drain(this.now());
      file.close();
    } catch (error) {
      // Where there is no file, there is nowhere left to say so: the program's own streams are not ours.
      file.fail(this.now(), error);
    }
  }

  #writeLine(text: string): boolean {
    if (this.#stopped || this.#producer.begin(RECORD.line, 0, text, true) < 0) return false;
    this.commit();
    return true;
  }

  #flushWaiting(): boolean {
    while (this.#waiting.length > 0) {
      if (!this.#writeLine(this.#waiting[0]!)) return false;
      this.#waiting.shift();
    }
    return true;
  }

  #startWriter(): void {
    const workerData: WriterData = { ring: this.#ring, target: this.#target, seconds: this.#seconds, fraction: this.#fraction, isMainThread };
    // Neither the program's preloads nor ours belong into this thread.
    const worker = new Worker(new URL('./writer-thread.js', import.meta.url), {
      workerData,
      env: { LIFEGUARD: 'off' },
      execArgv: [],
      name: 'pg-lifeguard writer',
      // Else node listens on the program's own streams to let it write there, too.
      stdout: true,
      stderr: true,
      // It leaves next to nothing to collect: a smaller young generation costs it a collection of 0.1 ms a second more.
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 1 },
    });
    worker.unref();
    worker.on('error', (error) => this.#lost(error));
    worker.on('exit', () => this.#lost(null));
    this.#worker = worker;
  }

  /** The writer thread has gone before its time: the program goes on, the recording does not. */
  #lost(error: Error | null): void {
    this.#stopped = true;
    // A thread that could not write has said so itself.
    if (Atomics.exchange(this.#control, CONTROL.writer, WRITER_STATES.done) !== WRITER_STATES.thread) return;
    const message = `the writer thread ended${error === null ? '' : ` (${error.message})`}: nothing could be written from here on`;
    const path = pathOfPart(this.#target.path, Atomics.load(this.#control, CONTROL.part));
    try {
      // Its last line may not be whole.
      if (existsSync(path)) appendFileSync(path, `\n${JSON.stringify({ type: 'problem', t: round(this.now()), where: 'trace', message })}\n`);
    } catch {
      // Likewise.
    }
  }
}

const EVALUATES = /^(?:-e|-p|-pe|--eval|--print)(?:=|$)/;

/** Messages of V8's that tell names of ours and no values of the program's. */
const HARMLESS = /^(?:[\w$.#() ]+ is not (?:a function|iterable|defined|a constructor)|Cannot (?:read|set) properties of (?:undefined|null) \((?:reading|setting) '[\w#]+'\)|Maximum call stack size exceeded)$/;

/** @param problem words of ours, or what was thrown: its message may hold the program's values. */
function describeProblem(problem: unknown): string {
  if (typeof problem === 'string') return problem;
  if (!(problem instanceof Error)) return typeof problem;
  const { code } = problem as NodeJS.ErrnoException;
  if (HARMLESS.test(problem.message)) return `${problem.name}: ${problem.message}`;
  return typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code) ? `${problem.name}: ${code}` : problem.name;
}

function traceHeader(startedAt: number, hrtimeMs: number): TraceHeader {
  const boot = readBoot(hrtimeMs);
  const cwd = process.cwd();
  const startedIn = process.env['LIFEGUARD_CWD'] ?? '';
  return {
    type: 'trace',
    version: FORMAT_VERSION,
    tool: TOOL_VERSION,
    startedAt: round(startedAt),
    pid: process.pid,
    ppid: process.ppid,
    thread: threadId,
    node: process.version,
    platform: process.platform,
    cwd,
    ...(isAbsolute(startedIn) && startedIn !== cwd ? { startedIn } : {}),
    // With --eval, what comes first is an argument.
    script: process.execArgv.some((word) => EVALUATES.test(word)) ? '' : (process.argv[1] ?? ''),
    ...(boot === undefined ? {} : { boot }),
    ...(isDeep() ? { hrtimeMs: round(hrtimeMs) } : {}),
  };
}

function readBoot(hrtimeMs: number): TraceHeader['boot'] {
  if (process.platform !== 'linux') return undefined;
  try {
    // Chosen at random when the system starts, the same in all containers; so much of it tells one from another.
    return [readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8), round(hrtimeMs)];
  } catch {
    return undefined;
  }
}

/** To microseconds. */
export function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
