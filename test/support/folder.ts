/** Temporary folders that go with their test. */
import type { ExecutionContext } from 'ava';
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, seen from dist/test/support. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export function temporaryFolder(t: ExecutionContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lifeguard-test-')));
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** What programs import from: our dependencies, or those of the environment, to try another version of pg. */
export const MODULES = process.env['TEST_MODULES'] ?? join(ROOT, 'node_modules');

/** A temporary folder from which programs can import our dependencies by name. */
export function projectFolder(t: ExecutionContext): string {
  const folder = temporaryFolder(t);
  symlinkSync(MODULES, join(folder, 'node_modules'), 'junction');
  return folder;
}

/** The version of a package in a folder of them. */
export function versionIn(modules: string, name: string): string {
  const { version } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')) as { version: string };
  return version;
}
