/** Where the traces of a run go. */
import { mkdirSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { systemReason, ToolError } from '../errors.js';

export interface TraceDirectory {
  /** Absolute. */
  path: string;
  /** Traces that were there already. */
  earlierTraces: readonly string[];
  /** Traces that were written since it was opened, sorted; a directory may hold those of earlier runs, too. */
  newTraces(): string[];
  /** Takes away what was made for nothing. */
  removeIfEmpty(): void;
}

const HOME = '.lifeguard';

/**
 * Makes the directory (only its owner may read: statements and paths are nobody else's business).
 * @param out as the user wrote it; undefined: a new one in `.lifeguard`, named for the time.
 * @throws ToolError when it cannot be made or is no directory.
 */
export function openTraceDirectory(out: string | undefined): TraceDirectory {
  const path = out === undefined ? nameByTime() : resolve(out);
  let made: string | undefined;
  try {
    made = mkdirSync(path, { recursive: true, mode: 0o700 });
    if (out === undefined) hideFromGit(dirname(path));
  } catch (error) {
    throw new ToolError(`cannot make the directory ${path}: ${systemReason((error as NodeJS.ErrnoException).code ?? String(error))}`);
  }
  const earlierTraces = listTraces(path);
  return {
    path,
    earlierTraces,
    newTraces: () => listTraces(path).filter((file) => !earlierTraces.includes(file)),
    removeIfEmpty() {
      if (made === undefined || readdirSync(path).length > 0) return;
      rmdirSync(path);
      // Of the default place, too, unless earlier runs are in it.
      const home = dirname(path);
      if (out === undefined && readdirSync(home).every((name) => name === '.gitignore')) rmSync(home, { recursive: true });
    },
  };
}

/** What is recorded is no source, and nobody should have to say so in every project. */
export function hideFromGit(directory: string): void {
  writeFileSync(join(directory, '.gitignore'), '*\n');
}

/** Paths of the traces in a directory, sorted. */
export function listTraces(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => /\.ndjson(\.gz)?$/.test(name))
    .map((name) => join(directory, name))
    // A process that was killed before its first write leaves an empty file, which says nothing.
    .filter((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0)
    .toSorted();
}

function nameByTime(): string {
  const now = new Date();
  const stamp = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-');
  const base = resolve(HOME, stamp);
  let path = base;
  for (let n = 2; statSync(path, { throwIfNoEntry: false }) !== undefined; n++) path = `${base}-${n}`;
  return path;
}

/** The path as a person in `cwd` would write it. */
export function shortPath(path: string, cwd = process.cwd()): string {
  const short = relative(cwd, path);
  return short === '' ? '.' : short.startsWith('..') ? path : short;
}
