/** How long a program needs to its first line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment, nodeArguments, type Variant } from './contestants.js';

export interface Startup {
  firstLineMs: number;
  endMs: number;
}

/**
 * Starts the smallest program once; both times count from before its start.
 * @param directory is where it runs, and where traces would go.
 */
export async function measureStartup(variant: Variant, probe: string, directory: string): Promise<Startup> {
  const program = fileURLToPath(new URL('./startup-program.js', import.meta.url));
  const start = performance.now();
  const child = spawn(process.execPath, [...nodeArguments(variant, probe), program], {
    cwd: directory,
    env: { ...cleanEnvironment(), LIFEGUARD_DIR: directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  await Promise.race([once(child.stdout, 'data'), exit]);
  const firstLineMs = performance.now() - start;
  const [code] = await exit;
  if (code !== 0) throw new Error(`the smallest program, ${variant}, ended with status ${code}`);
  return { firstLineMs, endMs: performance.now() - start };
}
