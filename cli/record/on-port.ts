/** `--on-port`: learns the port that the program listens on, and runs the user's command with it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ending, StartOptions } from './program.js';
import { startProgram } from './program.js';

const ANNOUNCE_URL = new URL('./announce-port.js', import.meta.url);
const POLL_MS = 25;

export interface PortAnnouncement {
  /** For the program's environment. */
  env: NodeJS.ProcessEnv;
  /** The first port; null when `timeoutMs` passed without one. Rejects when `signal` is aborted. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<number | null>;
  remove(): void;
}

/** @param env what the program's environment would be; a preload is added to it. */
export function announcePort(env: NodeJS.ProcessEnv): PortAnnouncement {
  const directory = mkdtempSync(join(tmpdir(), 'lifeguard-'));
  const file = join(directory, 'port');
  return {
    env: { ...env, NODE_OPTIONS: `${env['NODE_OPTIONS'] ?? ''} --import=${ANNOUNCE_URL.href}`.trim(), LIFEGUARD_PORT_FILE: file },
    async wait(timeoutMs, signal) {
      for (const deadline = performance.now() + timeoutMs; performance.now() < deadline; ) {
        const port = readPort(file);
        if (port !== null) return port;
        await delay(POLL_MS, undefined, { signal });
      }
      return null;
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function readPort(file: string): number | null {
  try {
    const text = readFileSync(file, 'utf8');
    return text.endsWith('\n') ? Number(text) : null;
  } catch {
    return null;
  }
}

/**
 * Runs a shell line with PORT in its environment, without the probe, to its end; ended early when `signal` is aborted.
 */
export async function runWithPort(line: string, port: number, output: StartOptions['output'], signal: AbortSignal): Promise<Ending> {
  const env = { ...process.env, PORT: String(port) };
  const shell = process.platform === 'win32' ? [line] : ['/bin/sh', '-c', line];
  const program = await startProgram(shell, { env, output });
  const stop = (): void => void program.end(2_000);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await program.ended;
  } finally {
    signal.removeEventListener('abort', stop);
    await program.end(2_000);
  }
}
