/**
 * When to follow the program's asynchronous operations. Following costs something for every promise of the program; what it
 * is for is the explanation of gaps. So it goes on all the time while there is anything to explain, and as long as there is
 * little traffic (every await of a test suite is seen); under heavy traffic in which nothing was awaited for a while it
 * takes samples, and a single gap of note brings it back.
 */

/** Statements in one window (50 ms) from which on following everything is dear: 2,000 a second. */
const BUSY = 100;
/** In so many busy windows (0.4 s) nothing must have been awaited in any gap. */
const CALM_WINDOWS = 8;
/** Of the windows of busy and calm times, one in so many is watched, */
const ONE_IN = 16;
/** and of it so many statements: at full load a window has thousands, and these tell as much. */
const SAMPLE = 300;

export class Watchfulness {
  #statements = 0;
  #ofNote = false;
  #calmWindows = 0;

  /** @returns whether to stop watching now rather than at the end of the window: a calm program has become busy, or the sample is taken. */
  countStatement(): boolean {
    const statements = ++this.#statements;
    if (statements === BUSY) return !this.#watchesBusy();
    return statements === SAMPLE && this.#calmWindows >= CALM_WINDOWS && !this.#ofNote;
  }

  /** A gap has ended in which something was awaited, or which was long. */
  noteGap(): void {
    this.#ofNote = true;
  }

  /** A window is over: whether to watch in the next one. */
  decide(): boolean {
    const isBusy = this.#statements >= BUSY;
    if (this.#ofNote) this.#calmWindows = 0;
    else if (isBusy) this.#calmWindows++;
    this.#statements = 0;
    this.#ofNote = false;
    return !isBusy || this.#watchesBusy();
  }

  #watchesBusy(): boolean {
    return this.#ofNote || this.#calmWindows < CALM_WINDOWS || this.#calmWindows % ONE_IN === 0;
  }
}
