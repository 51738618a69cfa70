/** Clinic's own page, by its `visualize`: in a process of its own, as it takes much memory and may not come to an end. */
import { execFile } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DeepFiles } from '../../probes/deep/files.js';
import type { Clinic } from './clinic.js';

const DRAW = fileURLToPath(new URL('./draw-graph.js', import.meta.url));
/** Clinic holds most of it in memory. */
const MOST_BYTES = 400_000_000;
const MOST_MS = 180_000;
const MEMORY_MB = 3000;

/** @returns why there is none; null when it is there. */
export async function drawGraph({ folder }: Clinic, paths: DeepFiles, target: string): Promise<string | null> {
  const bytes = statSync(paths.events).size + statSync(paths.stacks).size;
  if (bytes > MOST_BYTES) return `it would be made of ${Math.round(bytes / 1_000_000)} MB, and clinic draws up to ${MOST_BYTES / 1_000_000}`;
  try {
    const { NODE_OPTIONS: _, ...env } = process.env;
    await promisify(execFile)(process.execPath, [`--max-old-space-size=${MEMORY_MB}`, DRAW, folder, dirname(paths.stacks), target], { env, timeout: MOST_MS });
    return null;
  } catch (error) {
    rmSync(target, { force: true });
    const { killed, signal, stderr = '' } = error as { killed?: boolean; signal?: string; stderr?: string };
    if (killed === true) return `it took longer than ${MOST_MS / 1000} s`;
    return signal === 'SIGINT' ? 'it was interrupted' : `clinic failed (${/^\w*Error\b.*/m.exec(stderr)?.[0] ?? String(error)})`;
  }
}
