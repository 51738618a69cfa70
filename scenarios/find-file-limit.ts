import { spawnSync } from 'node:child_process';

/** Null when a process may have so many files and sockets open; else how many it may, in one line. Node itself raises the soft limit to the hard one. */
export function findFileLimit(needed: number): string | null {
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' });
  const limit = Number(stdout?.trim());
  // "unlimited", or a system without such a limit.
  if (!(limit < needed)) return null;
  return `the system allows ${limit} open files a process, it needs ${needed}; raise the limit (ulimit -Hn, limits.conf, or LimitNOFILE)`;
}
