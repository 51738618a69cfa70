import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TraceError } from './trace-error.js';

const TRACE_NAME = /\.ndjson(\.gz)?$/;

/**
 * The trace files behind files and directories, sorted by name within a directory, each once.
 * Throws TraceError when a path does not exist or a directory holds no trace.
 */
export async function findTraces(paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) throw new TraceError('no trace given: name a trace file, or a directory with *.ndjson or *.ndjson.gz files');
  const files = new Set<string>();
  for (const path of paths) {
    const found = await look(path);
    // To open a pipe that nobody writes to takes for ever.
    if (!found.isDirectory() && !found.isFile()) throw new TraceError(`${path} is neither a file nor a directory`);
    for (const file of found.isDirectory() ? await tracesIn(path) : [path]) files.add(file);
  }
  return [...files];
}

async function look(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new TraceError(missing ? `no such file or directory: ${path}` : `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

async function tracesIn(directory: string): Promise<string[]> {
  const files: string[] = [];
  for (const name of (await readdir(directory)).toSorted()) {
    if (!TRACE_NAME.test(name)) continue;
    const file = join(directory, name);
    const found = await look(file);
    // A process that was killed before its first write leaves an empty file, which says nothing.
    if (found.isFile() && found.size > 0) files.push(file);
  }
  if (files.length === 0) {
    throw new TraceError(`no trace in ${directory}: expected *.ndjson or *.ndjson.gz files; a program that never used pg leaves none`);
  }
  return files;
}
