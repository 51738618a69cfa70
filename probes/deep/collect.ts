/**
 * Preloaded with --deep only: takes clinic's async_hooks trace of this process, with clinic's own capture and format.
 *
 * Clinic's own logger is not loaded. It answers SIGINT and `beforeExit` in the program's place, needs a pipe that only the
 * first process has, forbids clusters, lets worker threads write over the main thread's file, and loses what it has not
 * flushed when the process is ended by a signal. This one changes nothing for the program, and writes all that it has when
 * it is asked to, by a file: so it is asked before the program is ended.
 */
import { createHook } from 'node:async_hooks';
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { createRequire, findSourceMap } from 'node:module';
import { dirname, join } from 'node:path';
import type { Transform } from 'node:stream';
import type { Tracing } from 'node:trace_events';
import { MOST_STACK_BYTES, NODE_TOO_NEW, pathsOf, type DeepNote, type DeepSettings } from './files.js';
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
const LOOK_MS = 100;
/** Stacks are written so many at a time, which takes a few milliseconds. */
const BATCH = 50;

/** Before the program can replace them. */
const { clearInterval, performance, setInterval } = globalThis;

function start({ folder, clinic, category, mostOperations }: DeepSettings): void {
  const paths = pathsOf(folder, process.pid);
  const note = (problem: DeepNote): void => writeFileSync(paths.note, JSON.stringify(problem));
  if (Number(process.versions.node.split('.')[0]) >= NODE_TOO_NEW) return note({ reason: 'node', detail: process.version });
  const require = createRequire(join(clinic, 'package.json'));
  // Only now: a worker thread has none, and could not even import it.
  const { createTracing } = require('node:trace_events') as { createTracing: (options: { categories: string[] }) => Tracing };
  const captureStack = require('./collect/stack-trace.js') as (skip: number) => Frame[];
  const Encoder = require('./format/stack-trace-encoder.js') as new () => Transform;
  mkdirSync(dirname(paths.stacks), { recursive: true });
  writeFileSync(paths.system, JSON.stringify(describeSystem(require)));
  const encoder = new Encoder();
  const file = openSync(paths.stacks, 'w', 0o600);
  const tracing = createTracing({ categories: [category] });
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
      // Not by `write`: a stream would put ticks into the program's queue.
      encoder._transform(message, 'utf8', (_error, chunk: Buffer) => chunks.push(chunk));
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
      // Node writes its events now and then, and the last ones with this.
      tracing.disable();
      closeSync(file);
      writeFileSync(paths.done, '');
    } catch {
      // The folder cannot be written: nothing of it will be found, and the report will say so.
    }
  };
  const hook = createHook({
    init(asyncId) {
      if (busy) return;
      busy = true;
      const startMs = performance.now();
      try {
        waiting.push({ asyncId, frames: captureStack(0) });
        operations += 1;
        if (waiting.length >= BATCH) write();
        busy = false;
        if (operations >= mostOperations || bytes >= MOST_STACK_BYTES) stop({ reason: 'size', detail: `${operations} operations` });
      } catch (error) {
        stop({ reason: 'error', detail: error instanceof Error ? error.message : String(error) });
      }
      notePause(performance.now() - startMs);
    },
  });
  const timer = setInterval(() => {
    if (!existsSync(paths.stop)) return;
    const startMs = performance.now();
    stop(null);
    notePause(performance.now() - startMs);
  }, LOOK_MS).unref();
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
    start(JSON.parse(process.env[DEEP_VARIABLE] ?? '') as DeepSettings);
  } catch {
    // Without it the program runs as ever, and the report says that there is none.
  }
}
