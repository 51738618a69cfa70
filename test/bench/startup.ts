/** How long a program needs to its first line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment, preloadOf, type Variant } from './contestants.js';

export interface Startup {
  firstLineMs: number;
  endMs: number;
}

/** Starts the smallest program once; both times count from before its start. */
export async function measureStartup(variant: Variant, directory: string): Promise<Startup> {
  const preload = preloadOf(variant);
  const program = fileURLToPath(new URL('./startup-program.js', import.meta.url));
  const start = performance.now();
  const child = spawn(process.execPath, [...(preload === null ? [] : ['--import', preload]), program], {
    cwd: directory,
    env: { ...cleanEnvironment(), LIFEGUARD_DIR: directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  await once(child.stdout, 'data');
  const firstLineMs = performance.now() - start;
  const [code] = await exit;
  if (code !== 0) throw new Error(`the smallest program, ${variant}, ended with status ${code}`);
  return { firstLineMs, endMs: performance.now() - start };
}
