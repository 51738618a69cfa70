import { posix } from 'node:path';

/**
 * A call site's file (relative to the run's cwd, or absolute) as it is called from `root`; what does not lie below it stays
 * absolute.
 */
export function relativeTo(file: string, cwd: string, root: string): string {
  const path = file.replaceAll('\\', '/');
  if (path.includes('://')) return path;
  const absolute = posix.resolve('/', cwd.replaceAll('\\', '/'), path);
  const relative = posix.relative(posix.resolve('/', root.replaceAll('\\', '/')), absolute);
  return relative.startsWith('../') ? absolute : relative;
}
