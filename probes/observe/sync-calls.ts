/**
 * Node's synchronous calls, wrapped so that the watchdog can name them. V8 serves its interrupts in loops and on entering a
 * function, not in native code: a sample of a thread that was in `JSON.parse` would show the call after it. So a wrapper
 * that finds the watchdog waiting lets it look before it returns; and one around what is slow by nature says beforehand
 * where it is, as it may never return.
 */
import type { Recorder } from '../recorder/recorder.js';
import { CONTROL } from '../recorder/ring.js';
import { sampleStack } from '../recorder/stack-sample.js';

/** From before we wrap it, and from before the program replaces its clock. */
const { stringify } = JSON;
const { performance } = globalThis;

type Call = (this: unknown, ...args: unknown[]) => unknown;

/** Whether to say where the program is before a call, given its first argument. */
type IsNotable = (first: unknown) => boolean;

/** Deep enough to get through a helper library to the application. */
const DEPTH = 40;
/** A text of this length takes some ten milliseconds to parse. */
const LONG_TEXT = 1_000_000;
/** Longest time to let the watchdog look, after a call that had blocked the program for many times that. */
const LOOK_MS = 10;

const PROCESS_CALLS = ['execFileSync', 'execSync', 'spawnSync'];
const CRYPTO_CALLS = ['generateKeyPairSync', 'generatePrimeSync', 'pbkdf2Sync', 'scryptSync'];
const STRUCTURE_CALLS = ['deserialize', 'serialize'];

/** Wraps them all. Returns what undoes it. */
export function watchSyncCalls(recorder: Recorder): () => void {
  const { control } = recorder;
  const undo: (() => void)[] = [];
  const wrap = (holder: object | undefined, names: readonly string[], isNotable: IsNotable): void => {
    for (const name of names) {
      const restore = holder === undefined ? null : wrapCall(recorder, holder, name, isNotable);
      if (restore !== null) undo.push(restore);
    }
  };
  const always = (): boolean => true;
  const never = (): boolean => false;
  let notedBeat = 0;
  // Files are read by the thousand while a program loads: one note a heartbeat costs less than a thousandth.
  const nowAndThen = (): boolean => {
    const beat = control[CONTROL.heartbeat]!;
    if (beat === notedBeat) return false;
    notedBeat = beat;
    return true;
  };
  const isLong = (text: unknown): boolean => typeof text === 'string' && text.length >= LONG_TEXT;

  const fs = process.getBuiltinModule('node:fs');
  wrap(process.getBuiltinModule('node:child_process'), PROCESS_CALLS, always);
  wrap(process.getBuiltinModule('node:crypto'), CRYPTO_CALLS, always);
  wrap(fs, Object.keys(fs).filter((name) => name.endsWith('Sync')), nowAndThen);
  wrap(process.getBuiltinModule('node:v8'), STRUCTURE_CALLS, never);
  wrap(JSON, ['parse'], isLong);
  wrap(JSON, ['stringify'], never);
  wrap(globalThis, ['structuredClone'], never);
  // What ES modules have imported by name is bound to what it was.
  const { syncBuiltinESMExports } = process.getBuiltinModule('node:module');
  syncBuiltinESMExports();
  return () => {
    for (const restore of undo) restore();
    syncBuiltinESMExports();
  };
}

/** @returns what undoes it; null when there is no such call, or it is not to be replaced. */
function wrapCall(recorder: Recorder, holder: object, name: string, isNotable: IsNotable): (() => void) | null {
  const { control } = recorder;
  const own = Object.getOwnPropertyDescriptor(holder, name);
  if (own?.configurable !== true || own.writable !== true || typeof own.value !== 'function') return null;
  const original = own.value as Call;
  const wrapped: Call = function (this: unknown, ...args) {
    // The outermost call is the one to be named.
    const isNoted = isNotable(args[0]) && control[CONTROL.noted] === 0;
    if (isNoted) note(recorder);
    try {
      return Reflect.apply(original, this, args);
    } finally {
      if (isNoted) Atomics.store(control, CONTROL.noted, 0);
      if (control[CONTROL.stalled] !== 0) letLook(control);
    }
  };
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
function letLook(control: Int32Array): void {
  const until = performance.now() + LOOK_MS;
  while (Atomics.load(control, CONTROL.session) !== 0 && performance.now() < until);
}

function note(recorder: Recorder): void {
  try {
    recorder.note(stringify(sampleStack(DEPTH)));
  } catch (error) {
    recorder.problem('synchronous call', error);
  }
}
