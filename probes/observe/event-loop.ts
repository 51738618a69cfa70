/** The program's heartbeat: shows the watchdog that the event loop turns, and tells it how long it did not. */
import { takePausedMs } from '../deep/pauses.js';
import { round, type Recorder } from '../recorder/recorder.js';
import { BEAT_MS } from '../recorder/ring.js';
import { runDelayMs } from '../recorder/run-delay.js';

/** Before the program can replace them. */
const { setInterval, clearInterval } = globalThis;

/** A beat later than this is worth a line: shorter delays are a busy program's daily life. */
const LATE_MS = 50;

/** Calls `onBeat` about twenty times a second with the time since the last beat, without keeping the program alive. Returns what ends it. */
export function startHeartbeat(recorder: Recorder, onBeat: (elapsedMs: number) => void): () => void {
  let last = recorder.now();
  let lastDelayMs = runDelayMs();
  const look = (): number => {
    const now = recorder.now();
    const elapsedMs = now - last;
    const dueAt = last + BEAT_MS;
    // The watchdog may have written of it already: then it is told that this was none.
    const pausedMs = takePausedMs();
    const delayMs = runDelayMs();
    if (now - dueAt >= LATE_MS) {
      recorder.blocked(dueAt, Math.max(0, now - dueAt - pausedMs));
      if (delayMs - lastDelayMs >= LATE_MS / 2) recorder.line({ type: 'starved', t: round(dueAt), ms: round(delayMs - lastDelayMs) });
    }
    lastDelayMs = delayMs;
    last = now;
    recorder.beat(now);
    return elapsedMs;
  };
  recorder.beat(last);
  const timer = setInterval(() => onBeat(look()), BEAT_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    // A program may end in the same turn in which it was blocked.
    look();
  };
}
