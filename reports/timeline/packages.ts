import { readFileSync } from 'node:fs';

/** A file inside an installed package. */
export interface PackagePlace {
  name: string;
  /** Where its package.json lies. */
  directory: string;
}

const MODULES = '/node_modules/';

/** The driver and its parts: they are what is measured, never who is to blame. And this tool, which is not there. */
const DRIVER_PACKAGES: ReadonlySet<string> = new Set([
  'pg', 'pg-pool', 'pg-protocol', 'pg-cursor', 'pg-query-stream', 'pg-native', 'pg-types', 'pg-connection-string', 'pg-lifeguard',
]);

/** The installed package that a file (with forward slashes) lies in; null: the application's own file. */
export function packageOf(file: string): PackagePlace | null {
  const at = file.lastIndexOf(MODULES);
  if (at < 0) return null;
  const start = at + MODULES.length;
  const [first = '', second = ''] = file.slice(start).split('/', 2);
  const name = first.startsWith('@') ? `${first}/${second}` : first;
  return { name, directory: file.slice(0, start) + name };
}

export function isDriver(name: string): boolean {
  return DRIVER_PACKAGES.has(name);
}

/** Reads versions from package.json files, each once; "" when it cannot be read. */
export function readVersions(): (place: PackagePlace) => string {
  const versions = new Map<string, string>();
  return ({ directory }) => {
    let version = versions.get(directory);
    if (version === undefined) {
      version = readVersion(directory);
      versions.set(directory, version);
    }
    return version;
  };
}

function readVersion(directory: string): string {
  try {
    const { version } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) as { version?: unknown };
    return typeof version === 'string' ? version : '';
  } catch {
    return '';
  }
}
