import type { RawFrame } from '../../probes/trace/events.js';
import type { CallSite, PackageFrame, Stack } from '../model.js';
import { isDriver, packageOf, readVersions, type PackagePlace } from './packages.js';
import { toPath, type Position, type Sources } from './sources.js';

/** Turns raw stacks into application frames and the package that they ended in. */
export type StackResolver = (frames: RawFrame[]) => Stack;

/** `cwd` is the run's: files below it are named relative to it. */
export function resolveStacks(cwd: string, sources: Sources): StackResolver {
  const versionOf = readVersions();
  const relative = relativeTo(cwd);
  const resolveOne = (rawFrames: readonly RawFrame[]): Candidate => {
    const frames: CallSite[] = [];
    let runs = false;
    let via: PackageFrame | null = null;
    for (const [rawName, rawFile, rawLine, rawColumn] of rawFrames) {
      if (!isPlace(rawFile)) continue;
      const generated = { file: toPath(rawFile), line: rawLine, column: rawColumn };
      // A package's line is meant in the file that is installed; what a bundler put together is taken apart.
      const installed = packageOf(slashes(generated.file));
      const position = installed === null ? sources.original(generated) : generated;
      const place = installed ?? packageOf(slashes(position.file)) ?? bundledPackage(generated, position.file, sources);
      const { line, column } = position;
      const name = functionName(rawName);
      if (place === null) {
        runs ||= !rawName.startsWith('async ');
        const at = rawName.startsWith('return ') ? (sources.returnOf(position) ?? line) : line;
        frames.push({ file: relative(position.file), line: at, column: at === line ? column : 1, function: name });
      } else if (frames.length === 0 && via === null && !isDriver(place.name)) {
        via = { package: place.name, version: versionOf(place), file: relative(position.file), line, function: name };
      }
    }
    return { frames, via, runs };
  };
  return (rawFrames) => choose(split(rawFrames).map(resolveOne));
}

interface Candidate extends Stack {
  /** A frame of the application runs, rather than only awaits what runs. */
  runs: boolean;
}

/** A probe that cannot tell the application's frames (in a bundle) writes several stacks, the best one first; a frame without a file stands between them. */
function split(rawFrames: readonly RawFrame[]): RawFrame[][] {
  const parts: RawFrame[][] = [[]];
  for (const frame of rawFrames) {
    if (frame[1] === '' && frame[2] === 0) parts.push([]);
    else parts.at(-1)?.push(frame);
  }
  return parts;
}

function choose(candidates: readonly Candidate[]): Stack {
  const chosen = candidates.find(({ runs }) => runs) ?? candidates.find(({ frames }) => frames.length > 0) ?? candidates[0];
  const [first] = candidates;
  return { frames: chosen?.frames ?? [], via: chosen?.via ?? (first?.frames.length === 0 ? first.via : null) };
}

/** The package that a line of a bundle comes from, although its file does not look like one's: its map led out of it, or there is none. */
function bundledPackage(generated: Position, file: string, sources: Sources): PackagePlace | null {
  const module = sources.moduleAt(generated);
  const place = module === null ? null : packageOf(`/${slashes(module)}`);
  if (place !== null || module !== null || file === generated.file || sources.isPresent(generated.file, file)) return place;
  return { name: 'unknown', directory: 'unknown' };
}

/** Node's own frames, WebAssembly and those without a file (`new Promise`, eval) say nothing that a person could open. */
function isPlace(file: string): boolean {
  return file !== '' && !file.startsWith('node:') && !file.startsWith('wasm:') && !file.startsWith('<') && file !== 'native';
}

/** "async f" (an awaiting caller) and "f" are one function; so are "<anonymous>" and "". */
function functionName(raw: string): string {
  const name = raw.replace(/^(?:async|return) /, '').replace(/(^|\.)<anonymous>$/, '');
  return name === 'Object' ? '' : name;
}

function slashes(file: string): string {
  return file.includes('\\') ? file.replaceAll('\\', '/') : file;
}

/** Names files as the report does: relative to `cwd` where they lie below it, else absolute; with forward slashes. */
export function relativeTo(cwd: string): (file: string) => string {
  const base = slashes(cwd).replace(/\/?$/, '/');
  return (file) => {
    const path = slashes(file);
    return path.startsWith(base) ? path.slice(base.length) : path;
  };
}
