/** Ends the command's process group should we be killed ourselves, without a chance to do it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * A shell that waits on a pipe from us. The end of the pipe without a word on it means that we are gone.
 * @returns stands it down, and resolves when it has gone.
 */
export function guard(group: number): () => Promise<void> {
  if (process.platform === 'win32') return () => Promise.resolve();
  const script = 'read -r word || { kill -s TERM -- "-$1"; sleep 2; kill -s KILL -- "-$1"; } 2>/dev/null';
  const watcher = spawn('/bin/sh', ['-c', script, 'lifeguard-guard', String(group)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {},
  });
  const gone = once(watcher, 'exit').catch(() => {}); // without a shell there is no guard, and nothing else to do
  watcher.stdin.on('error', () => {});
  watcher.unref();
  return async () => {
    if (watcher.pid === undefined) return;
    watcher.ref();
    watcher.stdin.end('done\n');
    await gone;
  };
}
