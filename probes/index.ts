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
  /** Ends the recording and closes the file. pg's classes are as they were before. */
  stop(): void;
}

/**
 * Records one pool (a `pg.Pool`), from now on.
 * Where the whole process is being recorded already (by the preload), that goes on and nothing is recorded twice.
 * @throws TypeError when `pool` is no pool of pg's.
 */
export function watchPool(pool: object, options: WatchOptions = {}): Watch {
  const prototypes = typeof pool === 'object' && pool !== null ? prototypesOf(pool) : null;
  if (prototypes === null) throw new TypeError('watchPool: expected a Pool of pg (new pg.Pool(…)); other pools are seen by the preload pg-lifeguard/register');
  const running = preloadedSession();
  if (process.env['LIFEGUARD'] === 'off') return { path: '', stop: () => undefined };
  if (running !== null) return { path: running.path, stop: () => undefined };
  const session = new Session(options.directory === undefined ? traceDirectory() : resolve(options.directory), new WeakSet([pool]));
  session.instrumentPool(prototypes.pool);
  session.instrumentClient(prototypes.client);
  return { path: session.path, stop: () => session.stop(null) };
}
