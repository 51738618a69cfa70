/** The writer thread: drains the ring twenty times a second, so that a killed or frozen program leaves its trace. */
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { CONTROL, WRITER_STATES, type SharedRing } from './ring.js';
import { TraceFile } from './trace-file.js';

export interface WriterData {
  ring: SharedRing;
  path: string;
  header: string;
  /** The program's clock (milliseconds since the epoch) at the trace's start. */
  startedAt: number;
}

const DRAIN_MS = 50;
const ALIVE_MS = 1000;

const data = workerData as WriterData;
const control = new Int32Array(data.ring.control);

/** Milliseconds since the trace's start, on the monotonic clock. */
function now(): number {
  return performance.timeOrigin + performance.now() - data.startedAt;
}

// The program's thread may have taken over already: a short program can end before this thread is up.
if (Atomics.compareExchange(control, CONTROL.writer, WRITER_STATES.idle, WRITER_STATES.thread) === WRITER_STATES.idle) {
  const file = new TraceFile(data.ring, data.path, data.header);
  let lastAlive = 0;
  const timer = setInterval(() => {
    const t = now();
    const alive = t - lastAlive >= ALIVE_MS;
    if (alive) lastAlive = t;
    file.drain(t, alive ? JSON.stringify({ type: 'alive', t: Math.round(t) }) + '\n' : '');
  }, DRAIN_MS);
  parentPort?.once('message', () => {
    clearInterval(timer);
    try {
      file.drain(now());
      file.close();
    } finally {
      Atomics.store(control, CONTROL.writer, WRITER_STATES.done);
      Atomics.notify(control, CONTROL.writer);
    }
  });
}
