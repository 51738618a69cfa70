/** How long collecting for the deep mode has kept the program from going on: that is no block of its own. */
let pausedMs = 0;

export function notePause(ms: number): void {
  pausedMs += ms;
}

/** Since the last time that this was asked. */
export function takePausedMs(): number {
  const ms = pausedMs;
  pausedMs = 0;
  return ms;
}
