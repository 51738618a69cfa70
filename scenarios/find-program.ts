import { spawnSync } from 'node:child_process';

/** Null when the program is there; else that it is missing and how to get it, in one line. */
export function findProgram(name: string, hint: string): string | null {
  const { error } = spawnSync(name, ['--version'], { stdio: 'ignore' });
  return error === undefined ? null : `it needs the program ${name}, which is not there; ${hint}`;
}
