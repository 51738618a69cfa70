/** The processes of the machine, and which of them belong to the command. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  /** Linux only; elsewhere 0. */
  session: number;
  /** Tells a process from a later one with the same pid; "" where it is not known. */
  startedAt: string;
}

/**
 * The living members of a command's tree: its process group and session, and whatever descends from it or from one of
 * `known`, even in a group of its own. Empty on Windows, where the tree is ended by other means.
 */
export function listTree(leader: number, known: readonly ProcessEntry[] = []): ProcessEntry[] {
  const all = listProcesses();
  const isKnown = (entry: ProcessEntry): boolean => known.some((other) => other.pid === entry.pid && other.startedAt === entry.startedAt);
  const found = new Set(all.filter((p) => p.pid === leader || p.group === leader || p.session === leader || isKnown(p)));
  const pids = new Set([...found].map((p) => p.pid));
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const entry of all) {
      if (!pids.has(entry.parent)) continue;
      found.add(entry);
      pids.add(entry.pid);
    }
  }
  return [...found];
}

/** Zombies are left out: in a container whose first process reaps nothing they stay for ever. */
function listProcesses(): ProcessEntry[] {
  if (process.platform === 'win32') return [];
  if (process.platform === 'linux') return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap(readProcStat);
  const output = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], { encoding: 'utf8' });
  return output.split('\n').flatMap((line) => {
    const [, pid, parent, group, state, startedAt] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (state === undefined || state.startsWith('Z')) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), session: 0, startedAt: startedAt ?? '' }];
  });
}

function readProcStat(pid: string): ProcessEntry[] {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return []; // it ended in between
  }
  // The name in parentheses may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  if (state === 'Z' || state === 'X') return [];
  return [{ pid: Number(pid), parent: Number(parent), group: Number(group), session: Number(session), startedAt: fields[19] ?? '' }];
}
