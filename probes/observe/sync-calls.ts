/**
 * Node's synchronous calls, wrapped so that the watchdog can name them. V8 serves its interrupts in loops and on entering a
 * function, not in native code: a sample of a thread that was in `JSON.parse` would show the call after it. So a wrapper
 * that finds the watchdog waiting lets it look before it returns; and one around what is slow by nature says beforehand
 * where it is, as it may never return.
 */
import type { Recorder } from '../recorder/recorder.js';
import { CONTROL, SESSION_STATES } from '../recorder/ring.js';
import { sampleStack } from '../recorder/stack-sample.js';

/** From before we wrap it, and from before the program replaces its clock. */
const { stringify } = JSON;
const { performance } = globalThis;

type Call = (this: unknown, ...args: unknown[]) => unknown;

/** Whether to note where the program is before a call, given its first argument. */
type IsNotable = (first: unknown) => boolean;

/** Deep enough to get through a helper library to the application. */
const DEPTH = 40;
/** A text of this length takes some ten milliseconds to parse. */
const LONG_TEXT = 1_000_000;
/** A note takes some tens of microseconds: so often it costs less than a thousandth. */
const NOTE_EVERY_MS = 50;
/** Longest time to let the watchdog look, after a call that had blocked the program for many times that. */
const LOOK_MS = 10;
/** The same before the program ends itself. */
const LAST_LOOK_MS = 200;

const PROCESS_CALLS = ['execFileSync', 'execSync', 'spawnSync'];
const CRYPTO_CALLS = ['generateKeyPairSync', 'generatePrimeSync', 'pbkdf2Sync', 'scryptSync'];
const STRUCTURE_CALLS = ['deserialize', 'serialize'];

/** Wraps them all. Returns what undoes it. */
export function watchSyncCalls(recorder: Recorder): () => void {
  const { control } = recorder;
  const undo: (() => void)[] = [];
  const replace = (holder: object, names: readonly string[], wrap: (original: Call) => Call): void => {
    for (const name of names) {
      const restore = replaceCall(holder, name, wrap);
      if (restore !== null) undo.push(restore);
    }
  };
  const watch = (holder: object, names: readonly string[], isNotable: IsNotable): void => {
    replace(holder, names, (original) => watchCall(recorder, original, isNotable));
  };
  const always = (): boolean => true;
  const never = (): boolean => false;
  let notedAt = -Infinity;
  // Files are read by the thousand while a program loads.
  const nowAndThen = (): boolean => {
    const now = performance.now();
    if (now - notedAt < NOTE_EVERY_MS) return false;
    notedAt = now;
    return true;
  };
  const isLong = (text: unknown): boolean => typeof text === 'string' && text.length >= LONG_TEXT;

  const fs = process.getBuiltinModule('node:fs');
  watch(process.getBuiltinModule('node:child_process'), PROCESS_CALLS, always);
  watch(process.getBuiltinModule('node:crypto'), CRYPTO_CALLS, always);
  watch(fs, Object.keys(fs).filter((name) => name.endsWith('Sync')), nowAndThen);
  watch(process.getBuiltinModule('node:v8'), STRUCTURE_CALLS, never);
  watch(JSON, ['parse'], isLong);
  watch(JSON, ['stringify'], never);
  watch(globalThis, ['structuredClone'], never);
  replace(process, ['kill'], (original) => withoutSession(control, original));
  // What ES modules have imported by name is bound to what it was.
  const { syncBuiltinESMExports } = process.getBuiltinModule('node:module');
  syncBuiltinESMExports();
  return () => {
    for (const restore of undo) restore();
    syncBuiltinESMExports();
  };
}

function watchCall(recorder: Recorder, original: Call, isNotable: IsNotable): Call {
  const { control } = recorder;
  return function (this: unknown, ...args) {
    // The outermost call is the one to be named.
    const isNoted = isNotable(args[0]) && control[CONTROL.noted] === 0;
    if (isNoted) note(recorder);
    try {
      return Reflect.apply(original, this, args);
    } finally {
      if (isNoted) Atomics.store(control, CONTROL.noted, 0);
      if (control[CONTROL.stalled] !== 0) letLook(control, LOOK_MS);
    }
  };
}

/** A process that sends itself a signal ends without an exit event, and says so on stderr if an inspector session is open then. */
function withoutSession(control: Int32Array, original: Call): Call {
  return function (this: unknown, ...args) {
    letLook(control, LAST_LOOK_MS);
    const isMine = Atomics.compareExchange(control, CONTROL.session, SESSION_STATES.none, SESSION_STATES.barred) === SESSION_STATES.none;
    try {
      return Reflect.apply(original, this, args);
    } finally {
      if (isMine) Atomics.store(control, CONTROL.session, SESSION_STATES.none);
    }
  };
}

/** @returns what undoes it; null when there is no such call, or it is not to be replaced. */
function replaceCall(holder: object, name: string, wrap: (original: Call) => Call): (() => void) | null {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  if (own?.configurable !== true || own.writable !== true || typeof own.value !== 'function') return null;
  const original = own.value as Call;
  const wrapped = wrap(original);
  Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(holder, name, { ...own, value: wrapped });
  return () => {
    if ((holder as Record<string, unknown>)[name] === wrapped) Object.defineProperty(holder, name, own);
  };
}

/**
 * The inspector's question is answered in this loop. It must not be `Atomics.wait`: V8 breaks when that is called by what
 * interrupts another one, and this may be.
 */
function letLook(control: Int32Array, mostMs: number): void {
  const until = performance.now() + mostMs;
  while (Atomics.load(control, CONTROL.session) === SESSION_STATES.open && performance.now() < until);
}

function note(recorder: Recorder): void {
  try {
    recorder.note(stringify(sampleStack(DEPTH)));
  } catch (error) {
    recorder.problem('synchronous call', error);
  }
}
