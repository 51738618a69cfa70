/** The lock file: `npm ci` refuses one that leaves anything out, `npm install` does not, and npm writes such a one without a word. */
import test from 'ava';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './support/folder.js';

interface Locked {
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };

/** What of a package's dependencies is to be found nowhere above it, as node would look for it. */
function missingOf(at: string, { dependencies, devDependencies, optionalDependencies }: Locked): string[] {
  const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  return names.filter((name) => {
    for (let folder = at; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
      if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return false;
      if (folder === '') return true;
    }
  });
}

test('every package that another needs is locked, those for other machines too', (t) => {
  const missing = Object.entries(packages).flatMap(([at, locked]) => missingOf(at, locked).map((name) => `${at || 'we'}: ${name}`));
  t.deepEqual(missing, []);
  t.true(Object.keys(packages).length > 500);
});

test('it was written for package.json as it is', (t) => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Locked;
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) t.deepEqual(packages['']?.[kind], manifest[kind], kind);
});
