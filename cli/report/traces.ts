/** The traces that were named on the command line. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { PositionalOptions } from 'yargs';
import { ToolError } from '../errors.js';
import { listTraces, shortPath } from '../record/trace-directory.js';

export const TRACES = {
  trace: { type: 'string', array: true, describe: 'Traces, or directories with traces' },
} as const satisfies Record<string, PositionalOptions>;

/** @throws ToolError when none was named; says which one might be meant. */
export function requireTraces(command: string, traces: readonly string[] | undefined): string[] {
  if (traces !== undefined && traces.length > 0) return traces.map(String);
  const newest = findNewest();
  const hint = newest === null ? `lifeguard ${command} DIRECTORY` : `lifeguard ${command} ${newest}`;
  throw new ToolError(`no trace to ${command}, expected files or directories that record wrote: ${hint}`);
}

/** The directory that a report of these traces goes to. */
export function directoryOf([first = '.']: readonly string[]): string {
  const path = resolve(first);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : dirname(path);
}

/** The newest recording in the default place, to be named as an example. */
function findNewest(): string | null {
  if (!existsSync('.lifeguard')) return null;
  const directories = readdirSync('.lifeguard', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join('.lifeguard', name))
    .filter((path) => listTraces(path).length > 0);
  const newest = directories.toSorted((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs).at(-1);
  return newest === undefined ? null : shortPath(resolve(newest));
}
