/** Our part of an installation, copied, so that it can be broken in the ways in which installations are. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBinaries, platformPackage } from '../../scenarios/database/binaries.js';
import { ROOT } from './folder.js';

export interface User {
  uid: number;
  gid: number;
}

/** Whom ordinary users are played by when we are root; null when we are ordinary ourselves. */
export const ORDINARY: User | null = process.geteuid?.() === 0 ? { uid: 65534, gid: 65534 } : null;

/** Copies PostgreSQL to `to`, as npm unpacks it when install scripts do not run: without the links. */
export function copyBinaries(to: string): string {
  cpSync(findBinaries(), to, { recursive: true, filter: (source) => !lstatSync(source).isSymbolicLink() && !source.endsWith('.a') });
  return to;
}

/** The links that PostgreSQL's libraries have, by name. */
export function linksIn(binaries: string): string[] {
  const lib = join(binaries, 'lib');
  return readdirSync(lib).filter((name) => lstatSync(join(lib, name)).isSymbolicLink()).toSorted();
}

/** A project in `folder` that has the database launcher, pg and an unlinked PostgreSQL as installed by `user`. */
export function copyInstallation(folder: string, user: User | null): void {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  cpSync(join(ROOT, 'dist/scenarios/database'), join(folder, 'database'), { recursive: true });
  copyPackage('pg', folder);
  const installed = join(folder, 'node_modules', platformPackage());
  mkdirSync(installed, { recursive: true });
  copyBinaries(join(installed, 'native'));
  cpSync(join(findBinaries(), '../package.json'), join(installed, 'package.json'));
  cpSync(join(findBinaries(), '../dist'), join(installed, 'dist'), { recursive: true });
  if (user !== null) giveTo(folder, user);
}

export function giveTo(path: string, user: User): void {
  chownSync(path, user.uid, user.gid);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) giveTo(join(path, name), user);
}

/** A node that `user` may run: ours, or a copy in `folder` where ours lies in a closed place. */
export function nodeFor(user: User | null, folder: string): string {
  if (user === null || spawnSync(process.execPath, ['--version'], { ...user, cwd: '/' }).status === 0) return process.execPath;
  const copy = join(folder, 'node');
  copyFileSync(process.execPath, copy);
  chmodSync(copy, 0o755);
  return copy;
}

function copyPackage(name: string, folder: string): void {
  const to = join(folder, 'node_modules', name);
  cpSync(join(ROOT, 'node_modules', name), to, { recursive: true });
  const { dependencies = {} } = JSON.parse(readFileSync(join(to, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> };
  for (const dependency of Object.keys(dependencies)) copyPackage(dependency, folder);
}
