import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';

/** Our environment, with the folders of servers in its PATH: not everybody has them there. */
export function systemEnv(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: [process.env['PATH'] ?? '', '/usr/sbin', '/usr/local/sbin'].join(delimiter) };
}

/** Null when the program is there; else that it is missing and how to get it, in one line. */
export function findProgram(name: string, hint: string): string | null {
  const { error } = spawnSync(name, ['--version'], { stdio: 'ignore', env: systemEnv() });
  return error === undefined ? null : `it needs the program ${name}, which is not there; ${hint}`;
}
