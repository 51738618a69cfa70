import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findReturn } from './find-return.js';
import { originalPositionFor, sourceContentFor, TraceMap } from '@jridgewell/trace-mapping';

/** A position in a file, lines and columns from 1; `file` is an absolute path, or whatever V8 named. */
export interface Position {
  file: string;
  line: number;
  column: number;
}

/** Source files and their maps, each read at most once. A file or a map that cannot be read is as if it were absent. */
export interface Sources {
  /** Where a generated position was written; the position itself when no map tells. */
  original(position: Position): Position;
  /** The module that a line of a bundle was put together from, where the bundle says so; else null. */
  moduleAt(position: Position): string | null;
  /** The line with the only `return` of the function that begins at a position; null where there are several, or it cannot be told. */
  returnOf(position: Position): number | null;
  /** Whether a line is one of a bundle, or of a file squeezed into long lines, that has no map. */
  isUnmapped(file: string, line: number): boolean;
  /** Whether a source that a map names is there, or none of the map's are. */
  isPresent(generated: string, source: string): boolean;
  /** The lines of a source: from the map that named it, else from the disk; null when there is no such text. */
  lines(file: string): string[] | null;
}

/** A comment such as `//# sourceMappingURL=app.js.map`; the last one of a file counts. */
const MAP_COMMENT = /^[ \t]*\/\/[#@] *sourceMappingURL=(\S+)[ \t]*$/gm;
const DATA_URL = /^data:[^,]*?(;base64)?,/;

export function openSources(): Sources {
  const maps = new Map<string, TraceMap | null>();
  const contents = new Map<string, string>();
  const texts = new Map<string, string[] | null>();
  const modulesOf = new Map<string, { line: number; name: string }[]>();
  const sourcesOf = new Map<string, Set<string>>();

  const mapOf = (file: string): TraceMap | null => {
    let map = maps.get(file);
    if (map === undefined) {
      map = loadMap(file);
      maps.set(file, map);
    }
    return map;
  };

  return {
    original(position) {
      const map = mapOf(position.file);
      if (map === null || position.line < 1 || position.column < 1) return position;
      const found = originalPositionFor(map, { line: position.line, column: position.column - 1 });
      if (found.source === null) return position;
      const file = toPath(found.source);
      const content = sourceContentFor(map, found.source);
      if (content !== null) contents.set(file, content);
      return { file, line: found.line, column: found.column + 1 };
    },
    moduleAt({ file, line }) {
      let modules = modulesOf.get(file);
      if (modules === undefined) modulesOf.set(file, (modules = listModules(file)));
      return modules.findLast((module) => module.line <= line)?.name ?? null;
    },
    returnOf({ file, line, column }) {
      const text = contents.get(file) ?? readText(file);
      return text === null ? null : findReturn(text, line, column);
    },
    isUnmapped(file, line) {
      if (mapOf(file) !== null) return false;
      return listModules(file).length > 1 || (readText(file)?.split('\n')[line - 1]?.length ?? 0) > SQUEEZED;
    },
    isPresent(generated, source) {
      let present = sourcesOf.get(generated);
      if (present === undefined) sourcesOf.set(generated, (present = findPresent(mapOf(generated))));
      return present.size === 0 || present.has(source);
    },
    lines(file) {
      let lines = texts.get(file);
      if (lines === undefined) {
        const text = contents.get(file) ?? readText(file);
        lines = text === null ? null : text.split(/\r?\n/);
        texts.set(file, lines);
      }
      return lines;
    },
  };
}

/** Nobody writes lines this long by hand. */
const SQUEEZED = 1000;

/** Bundlers say whose lines come next, unless they are told to save every byte: esbuild and what is made of it, webpack. */
const MODULE_COMMENT = /^(?:\/\/ |\s*!\*\*\* )((?:\.{0,2}\/)*[\w@.+-]+(?:\/[\w@.+ -]+)*\.[cm]?[jt]sx?)(?: \*\*\*!)?$/;

function listModules(file: string): { line: number; name: string }[] {
  const lines = readText(file)?.split(/\r?\n/) ?? [];
  return lines.flatMap((text, index) => {
    const name = MODULE_COMMENT.exec(text)?.[1];
    return name === undefined ? [] : [{ line: index + 1, name }];
  });
}

/** The application's sources of a map that are on this disk; what is not there beside them are those of packages, which do not ship them. */
function findPresent(map: TraceMap | null): Set<string> {
  const files = (map?.resolvedSources ?? []).filter((source) => source !== null).map(toPath);
  return new Set(files.filter((file) => !file.includes('/node_modules/') && existsSync(file)));
}

function loadMap(file: string): TraceMap | null {
  const text = readText(file);
  const url = text === null ? undefined : [...text.matchAll(MAP_COMMENT)].at(-1)?.[1];
  if (url === undefined) return null;
  try {
    const [json, base] = readMap(url, file);
    return json === null ? null : new TraceMap(json, pathToFileURL(base).href);
  } catch {
    return null;
  }
}

/** The map's text, and the file that its relative sources are relative to. */
function readMap(url: string, file: string): [json: string | null, base: string] {
  const data = DATA_URL.exec(url);
  if (data === null) {
    const path = url.startsWith('file:') ? fileURLToPath(url) : resolve(dirname(file), decodeURIComponent(url));
    return [readText(path), path];
  }
  const body = url.slice(data[0].length);
  return [data[1] === undefined ? decodeURIComponent(body) : Buffer.from(body, 'base64').toString('utf8'), file];
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

const DRIVE = /^file:\/\/\/[a-z]:/i;

/** `file:` URLs as paths; anything else as it is. */
export function toPath(file: string): string {
  if (!file.startsWith('file:')) return file;
  try {
    // Recorded on Windows, and read elsewhere.
    return DRIVE.test(file) ? fileURLToPath(file, { windows: true }) : fileURLToPath(file);
  } catch {
    return file;
  }
}
