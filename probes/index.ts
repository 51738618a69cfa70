/** For programs that watch one pool themselves rather than preload the probe. */
import { resolve } from 'node:path';
import { Session, preloadedSession, prototypesOf, traceDirectory } from './session.js';

export interface WatchOptions {
  /** Where the trace goes; default: LIFEGUARD_DIR, else `.lifeguard` in the working directory. */
  directory?: string;
}

export interface Watch {
  /** The trace file; it is there as soon as something was recorded. */
  readonly path: string;
  /** Ends the recording, unless others go on, and closes the file. pg's classes are as they were before. */
  stop(): void;
}

/** The pools that are being watched, each with how often, and the one recording of them all. */
class Watching {
  readonly #pools = new WeakMap<object, number>();
  #watches = 0;
  readonly session: Session;

  constructor(directory: string) {
    this.session = new Session(directory, this.#pools);
  }

  begin(pool: object): void {
    this.#pools.set(pool, (this.#pools.get(pool) ?? 0) + 1);
    this.#watches++;
  }

  end(pool: object): void {
    const others = (this.#pools.get(pool) ?? 0) - 1;
    if (others > 0) this.#pools.set(pool, others);
    else this.#pools.delete(pool);
    if (--this.#watches > 0) return;
    this.session.stop(null);
    watching = null;
  }
}

let watching: Watching | null = null;

/**
 * Records one pool (a `pg.Pool`), from now on. Connections from before are seen from their next checkout.
 * Where the whole process is being recorded already (by the preload), that goes on and nothing is recorded twice. Several
 * watches at a time are one recording, in the directory of the first, and end with the last.
 * @throws TypeError when `pool` is no pool of pg's.
 */
export function watchPool(pool: object, options: WatchOptions = {}): Watch {
  const prototypes = typeof pool === 'object' && pool !== null ? prototypesOf(pool) : null;
  if (prototypes === null) throw new TypeError('watchPool: expected a Pool of pg (new pg.Pool(…)); other pools are seen by the preload pg-lifeguard/register');
  const running = preloadedSession();
  if (process.env['LIFEGUARD'] === 'off') return { path: '', stop: () => undefined };
  if (running !== null) return { path: running.path, stop: () => undefined };
  const mine = (watching ??= new Watching(options.directory === undefined ? traceDirectory() : resolve(options.directory)));
  mine.begin(pool);
  mine.session.instrumentPool(prototypes.pool);
  mine.session.instrumentClient(prototypes.client);
  let isOver = false;
  return {
    path: mine.session.path,
    stop() {
      if (!isOver) mine.end(pool);
      isOver = true;
    },
  };
}
