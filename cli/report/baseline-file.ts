import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseBaseline, writeBaseline, type Baseline, type BaselineEntry } from '../../reports/gate/baseline.js';
import { systemReason, ToolError } from '../errors.js';
import { shortPath } from '../record/trace-directory.js';
import type { LoadedConfig } from './config-file.js';

const DEFAULT_NAME = 'lifeguard-baseline.json';

export interface BaselineFile {
  /** Absolute. */
  path: string;
  /** Somebody named it, so it has to exist. */
  named: boolean;
}

/** From the command line, else from the configuration (relative to it), else by its usual name next to that. */
export function findBaseline(given: string | undefined, { config, file }: LoadedConfig): BaselineFile {
  if (given !== undefined) return { path: resolve(given), named: true };
  const beside = file === null ? process.cwd() : dirname(file);
  return config.baseline === undefined ? { path: resolve(beside, DEFAULT_NAME), named: false } : { path: resolve(beside, config.baseline), named: true };
}

/**
 * @param toBeWritten it need not exist yet.
 * @returns null when there is none.
 * @throws ToolError when it should exist and does not, or is no baseline.
 */
export function readBaseline({ path, named }: BaselineFile, toBeWritten: boolean): Baseline | null {
  const name = shortPath(path);
  if (!existsSync(path)) {
    if (!named || toBeWritten) return null;
    throw new ToolError(`there is no baseline ${name}; lifeguard check --update-baseline writes it`);
  }
  const entries = parseBaseline(readText(path));
  if (entries === null) throw new ToolError(`${name} is no baseline of pg-lifeguard, expected { "version": 1, "findings": […] }; lifeguard check --update-baseline writes one (delete this file first)`);
  return { name, entries };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ToolError(`cannot read ${path}: ${systemReason((error as NodeJS.ErrnoException).code ?? String(error))}`);
  }
}

/** @throws ToolError when it cannot be written. */
export function saveBaseline(path: string, entries: readonly BaselineEntry[]): Baseline {
  try {
    writeFileSync(path, writeBaseline(entries));
  } catch (error) {
    throw new ToolError(`cannot write ${path}: ${systemReason((error as NodeJS.ErrnoException).code ?? String(error))}`);
  }
  return { name: shortPath(path), entries: [...entries] };
}
