/** The program's heartbeat: shows the writer thread that the event loop turns, and the report when it did not. */
import { round, type Recorder } from '../recorder/recorder.js';

/** Before the program can replace them. */
const { setInterval, clearInterval } = globalThis;

const BEAT_MS = 50;
/** A beat later than this is worth a line: shorter delays are a busy program's daily life. */
const LATE_MS = 50;

/** Calls `onBeat` about twenty times a second with the time since the last beat, without keeping the program alive. Returns what ends it. */
export function startHeartbeat(recorder: Recorder, onBeat: (elapsedMs: number) => void): () => void {
  let last = recorder.now();
  const timer = setInterval(() => {
    const now = recorder.now();
    const lateMs = now - last - BEAT_MS;
    if (lateMs >= LATE_MS) recorder.line({ type: 'blocked', t: round(now - lateMs), ms: round(lateMs) });
    const elapsedMs = now - last;
    last = now;
    recorder.beat();
    onBeat(elapsedMs);
  }, BEAT_MS);
  timer.unref();
  return () => clearInterval(timer);
}
