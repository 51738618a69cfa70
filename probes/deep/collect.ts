/**
 * Preloaded with --deep only: takes clinic's async_hooks trace of this process, with clinic's own capture and format.
 *
 * Clinic's own logger is not loaded. It answers SIGINT and `beforeExit` in the program's place, needs a pipe that only the
 * first process has, forbids clusters, lets worker threads write over the main thread's file, and loses what it has not
 * flushed when the process is ended by a signal. This one changes nothing for the program, and writes what it has once a
 * second, so that hardly anything is lost however the process ends.
 */
import { createHook } from 'node:async_hooks';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { createRequire, findSourceMap } from 'node:module';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createTracing } from 'node:trace_events';
import { FLUSH_MS, MOST_OPERATIONS, MOST_STACK_BYTES, NODE_TOO_NEW, pathsOf, type DeepNote } from './files.js';
import { DEEP_VARIABLE, isDeep } from './mode.js';
import { notePause } from './pauses.js';

interface Frame {
  fileName: string;
  lineNumber: number;
  columnNumber: number;
}

/** What clinic's encoder takes: one for each operation. */
interface StackMessage {
  asyncId: number;
  frames: Frame[];
}

/** The probe wraps functions of the driver, and is no part of the program. */
const OWN_FOLDER = new URL('../', import.meta.url).href;
/** Categories in which the program's node may be asked for nothing: switching one on and off makes it write what it has. */
const IDLE_CATEGORY = 'node.perf.usertiming';
/** Stacks are written so many at a time, which takes a few milliseconds. */
const BATCH = 50;

/** Before the program can replace them. */
const { clearInterval, performance, setInterval } = globalThis;

function start(folder: string, clinic: string, category: string): void {
  const paths = pathsOf(folder, process.pid);
  const note = (problem: DeepNote): void => writeFileSync(paths.note, JSON.stringify(problem));
  if (Number(process.versions.node.split('.')[0]) >= NODE_TOO_NEW) return note({ reason: 'node', detail: process.version });
  const require = createRequire(join(clinic, 'package.json'));
  const captureStack = require('./collect/stack-trace.js') as (skip: number) => Frame[];
  const Encoder = require('./format/stack-trace-encoder.js') as new () => Duplex;
  mkdirSync(dirname(paths.stacks), { recursive: true });
  writeFileSync(paths.system, JSON.stringify(describeSystem(require)));
  const encoder = new Encoder();
  const file = openSync(paths.stacks, 'w', 0o600);
  const tracing = createTracing({ categories: [category] });
  const idle = createTracing({ categories: [IDLE_CATEGORY] });
  const places = new Map<string, readonly [number, number]>();
  let waiting: StackMessage[] = [];
  let operations = 0;
  let bytes = 0;
  // While we are at work ourselves: what that makes is not the program's.
  let busy = true;

  const write = (): void => {
    const chunks: Buffer[] = [];
    for (const message of waiting) {
      message.frames = message.frames.filter(({ fileName }) => !fileName.startsWith(OWN_FOLDER));
      for (const frame of message.frames) mapFrame(frame, places);
      encoder.write(message);
      for (let chunk = encoder.read() as Buffer | null; chunk !== null; chunk = encoder.read() as Buffer | null) chunks.push(chunk);
    }
    waiting = [];
    const data = Buffer.concat(chunks);
    for (let at = 0; at < data.length; ) at += writeSync(file, data, at);
    bytes += data.length;
  };
  /** The program goes on without. */
  const stop = (problem: DeepNote | null): void => {
    busy = true;
    hook.disable();
    clearInterval(timer);
    try {
      if (problem !== null) note(problem);
      write();
      if (tracing.enabled) tracing.disable();
      closeSync(file);
    } catch {
      // The folder cannot be written: nothing of it will be found, and the report will say so.
    }
  };
  const attempt = (body: () => void): void => {
    if (busy) return;
    busy = true;
    const startMs = performance.now();
    try {
      body();
      busy = false;
      notePause(performance.now() - startMs);
    } catch (error) {
      stop({ reason: 'error', detail: error instanceof Error ? error.message : String(error) });
    }
  };
  const hook = createHook({
    init(asyncId) {
      if (busy) return;
      attempt(() => {
        waiting.push({ asyncId, frames: captureStack(0) });
        operations += 1;
        if (waiting.length >= BATCH) write();
      });
      if (operations >= MOST_OPERATIONS || bytes >= MOST_STACK_BYTES) stop({ reason: 'size', detail: `${operations} operations` });
    },
  });
  const timer = setInterval(() => {
    attempt(() => {
      write();
      idle.enable();
      idle.disable();
    });
  }, FLUSH_MS).unref();
  process.on('exit', () => {
    if (!busy) stop(null);
  });
  tracing.enable();
  hook.enable();
  busy = false;
}

/** Loaders that compile in memory leave nothing to find the source by afterwards. */
function mapFrame(frame: Frame, places: Map<string, readonly [number, number]>): void {
  const { fileName, lineNumber, columnNumber } = frame;
  if (fileName === '' || fileName.startsWith('node:') || findSourceMap(fileName) === undefined) return;
  const key = `${fileName}:${lineNumber}:${columnNumber}`;
  let place = places.get(key);
  if (place === undefined) {
    const entry = findSourceMap(fileName)?.findEntry(lineNumber - 1, columnNumber - 1);
    const isKnown = entry !== undefined && 'originalLine' in entry;
    places.set(key, (place = isKnown ? [entry.originalLine + 1, entry.originalColumn + 1] : [lineNumber, columnNumber]));
  }
  [frame.lineNumber, frame.columnNumber] = place;
}

/** Clinic's description asks node where the program's script lies; that may be nowhere. */
function describeSystem(require: NodeJS.Require): unknown {
  try {
    return (require('./collect/system-info.js') as () => unknown)();
  } catch {
    return { providers: [], pathSeparator: '/', mainDirectory: process.cwd() };
  }
}

if (isDeep()) {
  try {
    const { folder, clinic, category } = JSON.parse(process.env[DEEP_VARIABLE] ?? '') as { folder: string; clinic: string; category: string };
    start(folder, clinic, category);
  } catch {
    // Without it the program runs as ever, and the report says that there is none.
  }
}
