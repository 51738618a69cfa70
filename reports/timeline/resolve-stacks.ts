import type { RawFrame } from '../../probes/trace/events.js';
import type { CallSite, PackageFrame, Stack } from '../model.js';
import { isDriver, packageOf, readVersions } from './packages.js';
import { toPath, type Sources } from './sources.js';

/** Turns raw stacks into application frames and the package that they ended in. */
export type StackResolver = (frames: RawFrame[]) => Stack;

/** `cwd` is the run's: files below it are named relative to it. */
export function resolveStacks(cwd: string, sources: Sources): StackResolver {
  const versionOf = readVersions();
  const relative = relativeTo(cwd);
  return (rawFrames) => {
    const frames: CallSite[] = [];
    let via: PackageFrame | null = null;
    for (const [rawName, rawFile, rawLine, rawColumn] of rawFrames) {
      if (!isPlace(rawFile)) continue;
      const generated = { file: toPath(rawFile), line: rawLine, column: rawColumn };
      // A package's line is meant in the file that is installed; what a bundler put together is taken apart.
      const installed = packageOf(slashes(generated.file));
      const position = installed === null ? sources.original(generated) : generated;
      const place = installed ?? packageOf(slashes(position.file));
      const { line, column } = position;
      const name = functionName(rawName);
      if (place === null) {
        frames.push({ file: relative(position.file), line, column, function: name });
      } else if (frames.length === 0 && via === null && !isDriver(place.name)) {
        via = { package: place.name, version: versionOf(place), file: relative(position.file), line, function: name };
      }
    }
    return { frames, via };
  };
}

/** Node's own frames, WebAssembly and those without a file (`new Promise`, eval) say nothing that a person could open. */
function isPlace(file: string): boolean {
  return file !== '' && !file.startsWith('node:') && !file.startsWith('wasm:') && !file.startsWith('<') && file !== 'native';
}

/** "async f" (an awaiting caller) and "f" are one function; so are "<anonymous>" and "". */
function functionName(raw: string): string {
  const name = raw.replace(/^async /, '').replace(/(^|\.)<anonymous>$/, '');
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
