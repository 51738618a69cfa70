import { posix } from 'node:path';
import type { CallSite } from '../model.js';
import { relativeTo } from './relative-file.js';

/** A call site as a SARIF location: relative to `base` where it lies below it. */
export function locationOf({ file, line, column, function: name }: CallSite, cwd: string, base: string): object {
  const path = relativeTo(file, cwd, base);
  const artifactLocation = path.startsWith('/') || path.includes('://') ? { uri: fileUri(path) } : { uri: encode(path), uriBaseId: 'SRCROOT' };
  return {
    physicalLocation: { artifactLocation, region: { startLine: Math.max(1, line), startColumn: Math.max(1, column) } },
    ...(name !== '' && { logicalLocations: [{ name, fullyQualifiedName: name, kind: 'function' }] }),
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
