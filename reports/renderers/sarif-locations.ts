import { posix } from 'node:path';
import type { CallSite, SourceExcerpt } from '../model.js';
import { relativeTo } from '../relative-file.js';

/** A call site as a SARIF location: relative to `base` where it lies below it; with its source, if that was read. */
export function locationOf({ file, line, column, function: name }: CallSite, cwd: string, base: string, excerpt?: SourceExcerpt): object {
  const path = relativeTo(file, cwd, base);
  const artifactLocation = path.startsWith('/') || path.includes('://') ? { uri: fileUri(path) } : { uri: encode(path), uriBaseId: 'SRCROOT' };
  return {
    physicalLocation: { artifactLocation, ...regions(Math.max(1, line), Math.max(1, column), excerpt) },
    ...(name !== '' && { logicalLocations: [{ name, fullyQualifiedName: name, kind: 'function' }] }),
  };
}

function regions(startLine: number, startColumn: number, excerpt: SourceExcerpt | undefined): object {
  const text = excerpt?.lines[startLine - excerpt.firstLine];
  if (excerpt === undefined || text === undefined) return { region: { startLine, startColumn } };
  const endLine = excerpt.firstLine + excerpt.lines.length - 1;
  return {
    region: { startLine, startColumn, snippet: { text } },
    contextRegion: { startLine: excerpt.firstLine, endLine, snippet: { text: excerpt.lines.join('\n') } },
  };
}

/** A directory's URI, with a slash at its end. */
export function folderUri(path: string): string {
  const uri = fileUri(path.replaceAll('\\', '/'));
  return uri.endsWith('/') ? uri : `${uri}/`;
}

function fileUri(path: string): string {
  if (path.includes('://')) return path;
  return `file://${encode(posix.join('/', path))}`;
}

function encode(path: string): string {
  return path.split('/').map((part) => encodeURIComponent(part).replaceAll('%3A', ':')).join('/');
}
