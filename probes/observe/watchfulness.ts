/**
 * When to follow the program's asynchronous operations. Following costs something for every promise of the program; what it
 * is for is the explanation of gaps. So it goes on all the time while there is anything to explain, and as long as there is
 * little traffic (every await of a test suite is seen); under heavy traffic in which nothing was awaited for a while it
 * takes samples, and a single gap of note brings it back.
 */

/** Gaps in one window (50 ms) from which on following them all is dear: 2,000 a second. */
const BUSY = 100;
/** For so long nothing must have been awaited in any gap. */
const CALM_MS = 2000;
/** Of the windows of busy and calm times, one in so many is watched. */
const ONE_IN = 8;

export class Watchfulness {
  #gaps = 0;
  #ofNote = false;
  #lastOfNote = 0;
  #windows = 0;

  /** A gap has ended. @param ofNote something was awaited in it, or it was long. */
  count(ofNote: boolean): void {
    this.#gaps++;
    if (ofNote) this.#ofNote = true;
  }

  /** A window is over: whether to watch in the next one. */
  decide(now: number): boolean {
    const isBusy = this.#gaps >= BUSY;
    if (this.#ofNote || !isBusy) this.#lastOfNote = now;
    this.#gaps = 0;
    this.#ofNote = false;
    if (now - this.#lastOfNote < CALM_MS) return true;
    return ++this.#windows % ONE_IN === 0;
  }
}
