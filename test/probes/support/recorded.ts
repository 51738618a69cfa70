/** Programs of test/probes/programs, run under the probe. */
import type { ExecutionContext } from 'ava';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/folder.js';
import { recordProgram, type ProgramOptions, type ProgramResult, type Trace } from '../../support/program.js';
import { readHolds, type Hold } from './holds.js';

/** They are plain files, which the compiler does not copy. */
const FOLDER = join(ROOT, 'test/probes/programs');

export interface Recorded extends ProgramResult {
  directory: string;
  traces: Trace[];
  /** The only one, and its checkouts. */
  trace: Trace;
  holds: Hold[];
}

export function readProgram(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

/** All the programs, as they may import one another, and a file that is there for reading. */
export function programFiles(): Record<string, string> {
  const names = readdirSync(FOLDER);
  return { ...Object.fromEntries(names.map((name) => [name, readProgram(name)])), 'package.json': '{ "type": "commonjs" }' };
}

/** Records a program that ends well and leaves one trace. */
export async function record(t: ExecutionContext, name: string, databaseUrl: string, more: Partial<ProgramOptions> = {}): Promise<Recorded> {
  const env = { DATABASE_URL: databaseUrl, ...more.env };
  const recorded = await recordProgram(t, { files: programFiles(), entry: name, ...more, env });
  if (recorded.status !== 0) throw new Error(`${name} ended with ${recorded.signal ?? recorded.status}: ${recorded.stderr}`);
  const [trace] = recorded.traces;
  if (trace === undefined || recorded.traces.length > 1) throw new Error(`${name} left ${recorded.traces.length} traces: ${recorded.stderr}`);
  return { ...recorded, trace, holds: readHolds(trace) };
}
