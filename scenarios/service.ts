/** A scenario's service as a child process: started until it listens, ended as an operator would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { basename, dirname, join } from 'node:path';
import { ScenarioError } from './scenario.js';

export interface Service {
  /** http://127.0.0.1:port, or the postgres: URL of something that stands before a database. */
  url: string;
  /** SIGTERM, and SIGKILL for one that does not heed it. Resolves when it has gone. */
  stop(): Promise<void>;
}

/** Long: a busy machine, and ten thousand clients that connect first. */
const LISTEN_MS = 60_000;
const SHUTDOWN_MS = 5_000;
const LEASH = new URL('./leash.js', import.meta.url).href;

/**
 * Starts `file` with `env`, and resolves once it has printed the URL that it listens at.
 * @throws ScenarioError with what it said last when it ends before that, or takes too long.
 */
export async function startService(file: string, env: NodeJS.ProcessEnv): Promise<Service> {
  const child = spawn(process.execPath, ['--import', LEASH, file], { env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
  const said: string[] = [];
  const url = await new Promise<string | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), LISTEN_MS);
    const finish = (found: string | null): void => {
      clearTimeout(timer);
      resolve(found);
    };
    // Both are read to the end, as a full pipe would stop the service.
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        if (said.length > 20) said.shift();
        const found = /\bhttps?:\/\/[^\s/]+:\d+|\bpostgres:\/\/\S+/.exec(line);
        if (found) finish(found[0]);
      });
    }
    child.once('error', (error) => {
      said.push(error.message);
      finish(null);
    });
    child.once('close', () => finish(null));
  });
  const stop = (): Promise<void> => stopChild(child);
  if (url !== null) return { url, stop };
  const problem = child.exitCode === null && child.signalCode === null ? `did not listen within ${LISTEN_MS / 1000} s` : 'ended before it listened';
  await stop();
  const words = said.find((line) => /error/i.test(line)) ?? said.at(-1) ?? 'it said nothing';
  throw new ScenarioError(`the service ${join(basename(dirname(file)), basename(file))} ${problem}: ${words.trim()}`);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), SHUTDOWN_MS);
  await exit;
  clearTimeout(force);
}
