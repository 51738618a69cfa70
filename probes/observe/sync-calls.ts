/**
 * Where the program is when it enters a synchronous call of the operating system that may not return for long: then no
 * sample of its thread can be taken. What the program sees of node is left as it is. Node's own code reads those calls from
 * an object that no program uses (`process.binding`): there they become accessors, which note the stack and give node what
 * it asked for, so that nothing of ours is on the stack while the call runs.
 */
import type { Recorder } from '../recorder/recorder.js';
import { CONTROL, SESSION_STATES } from '../recorder/ring.js';
import { sampleStack } from '../recorder/stack-sample.js';
import { readBinding } from './node-bindings.js';

/** From before the program replaces them. */
const { stringify } = JSON;
const { performance } = globalThis;

type Call = (this: unknown, ...args: unknown[]) => unknown;

/** Of node's file system those that read from what may keep silent (a pipe, a terminal, a network's disk) or write to it. */
const HANGING_CALLS = {
  spawn_sync: ['spawn'],
  fs: ['copyFile', 'fdatasync', 'fsync', 'open', 'read', 'readBuffers', 'readFileUtf8', 'writeBuffer', 'writeBuffers', 'writeFileUtf8', 'writeString'],
} as const;

/** Deep enough to get through a helper library to the application. */
const DEPTH = 40;
/**
 * Share of the program's time that notes may take, and how much of it may be saved up: files are read by the thousand while
 * a program loads, and a note takes some tens of microseconds.
 */
const SHARE = 0.001;
const MOST_SAVED_MS = 2;
/** What took longer was interrupted: on a busy machine the thread waited for its CPU, and that must not cost the notes of minutes. */
const MOST_SPENT_MS = 0.2;
/** Longest time to let the watchdog's session end before the program ends itself. */
const LAST_LOOK_MS = 200;

/** Begins to take notes. Returns what ends it. */
export function watchSyncCalls(recorder: Recorder): () => void {
  const undo = [watchOwnSignals(recorder.control)];
  const note = noteWithinBudget(recorder);
  for (const [name, calls] of Object.entries(HANGING_CALLS)) {
    const binding = readBinding(name);
    if (binding !== null) for (const call of calls) undo.push(noteBefore(binding, call, note));
  }
  return () => {
    for (const restore of undo) restore();
  };
}

function noteBefore(binding: object, name: string, note: () => void): () => void {
  const own = Object.getOwnPropertyDescriptor(binding, name);
  if (own?.configurable !== true || typeof own.value !== 'function') return () => undefined;
  let { value } = own as { value: unknown };
  const get = (): unknown => {
    note();
    return value;
  };
  // Somebody else may replace it after us, by assignment.
  const set = (replacement: unknown): void => void (value = replacement);
  Object.defineProperty(binding, name, { get, set, enumerable: own.enumerable === true, configurable: true });
  return () => Object.defineProperty(binding, name, { ...own, value });
}

/** A note is taken back by the next heartbeat, or by the next call that is too much for the budget. */
function noteWithinBudget(recorder: Recorder): () => void {
  let savedMs = MOST_SAVED_MS;
  let last = performance.now();
  return () => {
    const start = performance.now();
    savedMs = Math.min(MOST_SAVED_MS, savedMs + (start - last) * SHARE);
    last = start;
    if (savedMs <= 0) {
      Atomics.store(recorder.control, CONTROL.noted, 0);
      return;
    }
    try {
      recorder.note(stringify(sampleStack(DEPTH)));
    } catch (error) {
      recorder.problem('synchronous call', error);
    }
    savedMs -= Math.min(performance.now() - start, MOST_SPENT_MS);
  };
}

/**
 * A process that sends itself a signal ends without an exit event, and says so on stderr if an inspector session is open then.
 * `process.kill` leaves the work to `process._kill`, which returns an error's number and throws nothing.
 */
function watchOwnSignals(control: Int32Array): () => void {
  const own = Object.getOwnPropertyDescriptor(process, '_kill');
  if (own?.configurable !== true || typeof own.value !== 'function') return () => undefined;
  const original = own.value as Call;
  const kill: Call = function (this: unknown, ...args) {
    letLook(control);
    const isMine = Atomics.compareExchange(control, CONTROL.session, SESSION_STATES.none, SESSION_STATES.barred) === SESSION_STATES.none;
    try {
      return Reflect.apply(original, this, args);
    } finally {
      if (isMine) Atomics.store(control, CONTROL.session, SESSION_STATES.none);
    }
  };
  // A bound function says of its source what a native one says.
  const replacement = kill.bind(process);
  Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(process, '_kill', { ...own, value: replacement });
  return () => {
    if ((process as unknown as Record<string, unknown>)['_kill'] === replacement) Object.defineProperty(process, '_kill', own);
  };
}

/**
 * The inspector's question is answered in this loop. It must not be `Atomics.wait`: V8 breaks when that is called by what
 * interrupts another one, and this may be.
 */
function letLook(control: Int32Array): void {
  const until = performance.now() + LAST_LOOK_MS;
  while (Atomics.load(control, CONTROL.session) === SESSION_STATES.open && performance.now() < until);
}
