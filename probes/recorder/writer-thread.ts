/** The writer thread: drains the ring twenty times a second, so that a killed or frozen program leaves its trace. */
import { parentPort, workerData } from 'node:worker_threads';
import { MainThread, isMainThreadWaiting } from './main-thread.js';
import { BEAT_MS, CONTROL, WRITER_STATES, type SharedRing } from './ring.js';
import { MAIN_THREAD, runDelayMs } from './run-delay.js';
import { TraceFile, type TraceTarget } from './trace-file.js';
import { Watchdog } from './watchdog.js';

export interface WriterData {
  ring: SharedRing;
  target: TraceTarget;
  /** The trace's start on the clock of hrtime: whole seconds, and milliseconds beyond. */
  seconds: number;
  fraction: number;
  /** The program's thread is its process's main thread. */
  isMainThread: boolean;
}

/** As often as the heart beats: the watchdog looks after each of them. */
const DRAIN_MS = BEAT_MS;
const ALIVE_MS = 1000;

const data = workerData as WriterData;
const control = new Int32Array(data.ring.control);

/** Milliseconds since the trace's start, on the clock of the program's thread. */
function now([seconds, nanoseconds] = process.hrtime()): number {
  return (seconds - data.seconds) * 1000 + nanoseconds / 1e6 - data.fraction;
}

// The program's thread may have taken over already: a short program can end before this thread is up.
if (Atomics.compareExchange(control, CONTROL.writer, WRITER_STATES.idle, WRITER_STATES.thread) === WRITER_STATES.idle) {
  const file = new TraceFile(data.ring, data.target, (t, ms) => watchdog.ended(t, ms));
  const watchdog = new Watchdog({
    ring: data.ring,
    now,
    write: (line) => file.add(line),
    sampler: data.isMainThread ? new MainThread(control) : null,
    isWaiting: () => (data.isMainThread ? isMainThreadWaiting() : null),
    starvedMs: () => runDelayMs(MAIN_THREAD),
  });
  let lastAlive = 0;
  const finish = (): void => {
    clearInterval(timer);
    parentPort?.close();
    Atomics.store(control, CONTROL.writer, WRITER_STATES.done);
    Atomics.notify(control, CONTROL.writer);
  };
  /** Whatever it is that cannot be done (most likely the disk is full), it ends the recording, and the trace says so. */
  const attempt = (work: () => void): boolean => {
    try {
      work();
      return true;
    } catch (error) {
      watchdog.close();
      file.fail(now(), error);
      finish();
      return false;
    }
  };
  const drain = (): void => {
    attempt(() => {
      watchdog.tick();
      const t = now();
      const alive = t - lastAlive >= ALIVE_MS;
      if (alive) lastAlive = t;
      file.drain(t, alive ? JSON.stringify({ type: 'alive', t: Math.round(t) }) + '\n' : '');
    });
  };
  const timer = setInterval(drain, DRAIN_MS);
  // What happened while this thread came up is only in memory.
  drain();
  parentPort?.once('message', () => {
    const isWritten = attempt(() => {
      watchdog.close();
      file.drain(now());
      watchdog.stop();
      file.drain(now());
      file.close();
    });
    if (isWritten) finish();
  });
}
