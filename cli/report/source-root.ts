import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Where CI platforms put the repository. */
const VARIABLES = ['GITHUB_WORKSPACE', 'CI_PROJECT_DIR'] as const;

/** The repository's root, to which platforms relate the paths of findings; the run's cwd when there is none around it. */
export function findSourceRoot(cwd: string, env: NodeJS.ProcessEnv = process.env): string {
  for (const name of VARIABLES) {
    const root = env[name];
    if (root !== undefined && root !== '' && isWithin(cwd, resolve(root))) return resolve(root);
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (dirname(folder) === folder) return cwd;
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith('..') && way !== resolve(way));
}
