/** How to put the probe into another program: by its environment, so that its children and workers get it too. */
import { fileURLToPath } from 'node:url';

const REGISTER_URL = new URL('./register.js', import.meta.url);

/**
 * A copy of `env` with which a Node program, and every one it starts, records itself into `directory`.
 * The preload is an absolute file: URL, as a bare package name would be resolved from each child's cwd and end it where
 * that fails.
 * @param directory absolute path; made by the probe when the first process has something to record.
 * @param keep as `parseKeep` has it: how much of the end of each process is enough.
 * @param startedIn absolute: the folder that a report names files relative to; default: the working directory of the process that is first.
 */
export function withProbe(env: NodeJS.ProcessEnv, directory: string, { keep, startedIn }: { keep?: string | undefined; startedIn?: string } = {}): NodeJS.ProcessEnv {
  const preload = `--import=${REGISTER_URL.href}`;
  const options = env['NODE_OPTIONS'] ?? '';
  return {
    ...env,
    NODE_OPTIONS: options.includes(preload) ? options : `${options} ${preload}`.trim(),
    LIFEGUARD_DIR: directory,
    ...(keep !== undefined && { LIFEGUARD_KEEP: keep }),
    ...(startedIn !== undefined && { LIFEGUARD_CWD: startedIn }),
  };
}

/** Path of the preload's file, for those who build a command line themselves. */
export function registerPath(): string {
  return fileURLToPath(REGISTER_URL);
}
