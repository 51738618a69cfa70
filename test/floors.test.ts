/** Who may import whom. The probe runs in other people's programs, and the report must be made without it. */
import test from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix, sep } from 'node:path';
import { ROOT } from './support/folder.js';

interface Floor {
  /** Files that this is about; the first floor that fits counts. */
  folder: string;
  /** Files and folders (ending with a slash) of ours that they may import. */
  mayImport: string[];
  /** May they import npm packages? bundled: those that the build puts into the page. */
  packages: 'none' | 'dependencies' | 'bundled';
  /** Those that need not be installed: what uses them says so where they are not. */
  optional?: string[];
}

// Each folder may import itself.
const FLOORS: Floor[] = [
  { folder: 'probes/trace/', mayImport: [], packages: 'none' },
  { folder: 'probes/', mayImport: ['probes/trace/'], packages: 'none' },
  { folder: 'reports/html/page/', mayImport: ['reports/', 'probes/trace/'], packages: 'bundled' },
  { folder: 'reports/', mayImport: ['probes/trace/'], packages: 'dependencies' },
  // As any user: by preload or wrapper.
  { folder: 'scenarios/', mayImport: ['probes/preload.ts', 'probes/register.ts', 'probes/index.ts'], packages: 'dependencies', optional: ['graphile-worker', 'typeorm', 'pg-cursor'] },
  { folder: 'cli/', mayImport: ['probes/', 'reports/', 'scenarios/'], packages: 'dependencies' },
];

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}
const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** What `source` imports in any way that names a module. Comments do not count. */
function readImports(source: string): string[] {
  const code = source.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(/^\s*(?:import|export)\b(?:[\w\s{},*$]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm);
  const calls = code.matchAll(/\b(?:import|require|import\.meta\.resolve)\s*\(\s*(['"])([^'"\n]+)\1/g);
  return [...statements, ...calls].map((match) => match[2] ?? '');
}

/** What is wrong with one file's imports; `file` is relative to the root. */
function checkFloor(file: string, source: string): string[] {
  const floor = FLOORS.find(({ folder }) => file.startsWith(folder));
  if (floor === undefined) return [`${file} is on no floor`];
  return readImports(source).flatMap((name) => {
    if (name.startsWith('node:') || builtinModules.includes(name)) return [];
    if (name.startsWith('.')) {
      const target = posix.join(posix.dirname(file), name).replace(/\.js$/, '.ts');
      const allowed = [floor.folder, ...floor.mayImport].some((place) => (place.endsWith('/') ? target.startsWith(place) : target === place));
      return allowed ? [] : [`${file} imports ${target}`];
    }
    const packageName = name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/');
    const has = (list: Record<string, string>): boolean => packageName in list || `@types/${packageName}` in list;
    const known = packageName in manifest.dependencies || floor.optional?.includes(packageName) === true || (floor.packages === 'bundled' && has(manifest.devDependencies));
    return floor.packages !== 'none' && known ? [] : [`${file} imports ${packageName}`];
  });
}

test('every file keeps to its floor', (t) => {
  const folders = [...new Set(FLOORS.map(({ folder }) => folder.split('/')[0] ?? ''))];
  for (const folder of folders) {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => `${folder}/${name.split(sep).join('/')}`);
    t.true(files.length > 0, `${folder} has files`);
    for (const file of files) t.deepEqual(checkFloor(file, readFileSync(join(ROOT, file), 'utf8')), []);
  }
});

const VIOLATIONS: [file: string, source: string][] = [
  ['probes/trace/events.ts', "import { withProbe } from '../preload.js';"],
  ['probes/trace/events.ts', "import type { Pool } from 'pg';"],
  ['probes/register.ts', "import chalk from 'chalk';"],
  ['probes/observe/awaits.ts', "import type { Report } from '../../reports/model.js';"],
  ['probes/index.ts', "const load = () => import('pg');"],
  ['probes/index.ts', "const load = () => require('pg');"],
  ['reports/model.ts', "import { withProbe } from '../probes/preload.js';"],
  ['reports/rules/rule.ts', "export { main } from '../../cli/main.js';"],
  ['reports/rules/rule.ts', "import {\n  a,\n  b,\n} from '../../scenarios/catalogue.js';"],
  ['reports/rules/rule.ts', "import 'typescript';"],
  ['reports/rules/rule.ts', "import { h } from 'preact';"],
  ['scenarios/run.ts', "import { Ring } from '../probes/recorder/ring.js';"],
  ['scenarios/run.ts', "import type { Report } from '../reports/model.js';"],
  ['scenarios/run.ts', "import { main } from '../cli/main.js';"],
  ['elsewhere/file.ts', ''],
];

for (const [file, source] of VIOLATIONS) {
  test(`found: ${file}: ${source.replaceAll(/\s+/g, ' ') || 'a folder of no floor'}`, (t) => {
    t.is(checkFloor(file, source).length, 1);
  });
}

const PERMITTED: [file: string, source: string][] = [
  ['probes/recorder/ring.ts', "import { x } from '../trace/events.js';\nimport { y } from '../observe/awaits.js';\nimport { readFileSync } from 'fs';"],
  ['reports/rules/rule.ts', "import type { TraceLine } from '../../probes/trace/events.js';\nimport { TraceMap } from '@jridgewell/trace-mapping';"],
  ['reports/html/page/main.tsx', "import { h } from 'preact/hooks';"],
  ['reports/rules/rule.ts', "// import { main } from '../../cli/main.js';\n/* import 'typescript'; */\nconst text = \"taken from 'elsewhere'\";"],
  ['scenarios/run.ts', "import { withProbe } from '../probes/preload.js';\nimport { Pool } from 'pg';"],
  ['cli/main.ts', "import { driveLoad } from '../scenarios/load/load.js';\nimport('../reports/model.js');"],
];

for (const [file, source] of PERMITTED) {
  test(`permitted: ${file}: ${source.replaceAll(/\s+/g, ' ')}`, (t) => {
    t.deepEqual(checkFloor(file, source), []);
  });
}
