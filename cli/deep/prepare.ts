/** `--deep`, before the program starts: what its environment needs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventsPattern, MOST_OPERATIONS, type DeepSettings } from '../../probes/deep/files.js';
import { DEEP_VARIABLE } from '../../probes/deep/mode.js';
import { say } from '../terminal.js';
import { askClinic, type Clinic } from './clinic.js';
import { settleDeep } from './settle.js';

const PRELOAD_URL = new URL('../../probes/deep/collect.js', import.meta.url);

export interface DeepRun {
  clinic: Clinic;
  /** What clinic collects; as large as a gigabyte, and gone when the chains are made. */
  folder: string;
  env: NodeJS.ProcessEnv;
  /** Has all that was collected written: a signal may end the program without that. To be called before. */
  settle: () => Promise<void>;
  remove: () => void;
}

/**
 * @param directory of the traces.
 * @param env what the program's environment would be.
 * @param mostOperations of one process; it collects no more then.
 * @returns null, when that has been said, where the deep mode cannot be had.
 */
export function prepareDeep(directory: string, env: NodeJS.ProcessEnv, mostOperations = MOST_OPERATIONS): DeepRun | null {
  if (env['NODE_OPTIONS']?.includes('--trace-event') === true) {
    say("--deep: NODE_OPTIONS asks for node's trace events already, which go to one place only; going on without it");
    return null;
  }
  const folder = mkdtempSync(join(directory, 'deep-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const clinic = askClinic(folder);
    if (clinic !== null) return { clinic, folder, env: withDeepPreload(env, folder, clinic, mostOperations), settle: () => settleDeep(folder), remove };
    say('--deep: @clinic/bubbleprof is not installed (npm install @clinic/bubbleprof); going on without it');
  } catch (error) {
    say(`--deep: ${error instanceof Error ? error.message : String(error)}; going on without it`);
  }
  remove();
  return null;
}

function withDeepPreload(env: NodeJS.ProcessEnv, folder: string, { folder: clinic, category }: Clinic, mostOperations: number): NodeJS.ProcessEnv {
  const settings: DeepSettings = { folder, clinic, category, mostOperations };
  const options = [env['NODE_OPTIONS'] ?? '', `--import=${PRELOAD_URL.href}`, quote(`--trace-event-file-pattern=${eventsPattern(folder)}`)];
  return { ...env, NODE_OPTIONS: options.join(' ').trim(), [DEEP_VARIABLE]: JSON.stringify(settings) };
}

/** As node reads NODE_OPTIONS: a word with spaces stands in double quotes. */
function quote(word: string): string {
  return `"${word.replaceAll(/["\\]/g, '\\$&')}"`;
}
