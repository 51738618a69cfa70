/** Clinic's bubbleprof: where it is installed, and what its `collect` would start. */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

export interface Clinic {
  /** Of the package. */
  folder: string;
  version: string;
  /** Of node's trace events. */
  category: string;
}

interface Spawned {
  env?: NodeJS.ProcessEnv;
}
type Collect = new (settings: { dest: string }) => { collect(command: readonly string[], callback: () => void): void };

const NAME = '@clinic/bubbleprof';

/**
 * Null where it is not installed. Throws when it would collect in a way that we do not know.
 *
 * Its `collect` is called with a stand-in for the process: what it asks for is what we give the program, which is started
 * as ever, so that signals, groups and the exit status stay ours.
 * @param folder where the data goes.
 */
export function askClinic(folder: string): Clinic | null {
  const require = createRequire(import.meta.url);
  let manifest: string;
  try {
    manifest = require.resolve(`${NAME}/package.json`);
  } catch {
    return null;
  }
  const { version } = require(manifest) as { version: string };
  const options = askCollect(require, folder).env?.['NODE_OPTIONS'] ?? '';
  const category = /--trace-event-categories[ =](\S+)/.exec(options)?.[1];
  if (category === undefined || !options.includes('logger.js')) throw new Error(`${NAME} ${version} collects in a way that is not known here`);
  return { folder: dirname(manifest), version, category };
}

/** Clinic keeps the stand-in for as long as it is loaded. */
let asked: Spawned = {};

function askCollect(require: NodeJS.Require, folder: string): Spawned {
  const processes = require('node:child_process') as { spawn: unknown };
  const { spawn } = processes;
  const listeners = process.listeners('SIGINT');
  processes.spawn = (_file: string, _args: unknown, options: Spawned) => {
    asked = options;
    return Object.assign(new EventEmitter(), { pid: 1, kill: () => true, stdio: [null, null, null, new EventEmitter()] });
  };
  try {
    const Bubbleprof = require(NAME) as Collect;
    new Bubbleprof({ dest: folder }).collect(['node'], () => {});
  } finally {
    processes.spawn = spawn;
    for (const listener of process.listeners('SIGINT')) if (!listeners.includes(listener)) process.off('SIGINT', listener);
  }
  return asked;
}
