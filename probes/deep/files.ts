/** Where the deep mode keeps its data while a program runs, and how much of it there may be. */
import { join } from 'node:path';

/** From this version on, node's trace says what began, but no longer in what things ran. */
export const NODE_TOO_NEW = 26;
/** A minute or two of a service at work; what comes later has no chain. */
export const MOST_OPERATIONS = 600_000;
export const MOST_STACK_BYTES = 1_000_000_000;


/** What the program's processes are told, as JSON in their environment. */
export interface DeepSettings {
  /** Where clinic's data goes. */
  folder: string;
  /** The folder of its package. */
  clinic: string;
  /** Of node's trace events. */
  category: string;
  mostOperations: number;
}

/** Why a process left no deep trace, or not all of it. */
export interface DeepNote {
  reason: 'node' | 'size' | 'error';
  detail: string;
}

export interface DeepFiles {
  /** These three as clinic names them. */
  stacks: string;
  events: string;
  system: string;
  note: string;
  /** There when the process has written all that it had. */
  done: string;
  /** Once it is there, all processes write what they have, and collect no more. */
  stop: string;
}

export function pathsOf(folder: string, pid: number): DeepFiles {
  const base = join(folder, `${pid}.clinic-bubbleprof`, `${pid}.clinic-bubbleprof`);
  return { stacks: `${base}-stacktrace`, events: `${base}-traceevent`, system: `${base}-systeminfo`, note: join(folder, `${pid}.note.json`), done: join(folder, `${pid}.done`), stop: stopFile(folder) };
}

export function stopFile(folder: string): string {
  return join(folder, 'stop');
}

/** For node's `--trace-event-file-pattern`. */
export function eventsPattern(folder: string): string {
  return join(folder, 'events.${pid}.${rotation}.log');
}

/** Of the process that a folder of clinic's data is from; null for any other file. */
export function pidOf(name: string): number | null {
  const [, pid] = /^(\d+)\.clinic-bubbleprof$/.exec(name) ?? [];
  return pid === undefined ? null : Number(pid);
}

/** The number of an events file in its process's row; null for any other file. */
export function rotationOf(name: string, pid: number): number | null {
  const [, number] = new RegExp(`^events\\.${pid}\\.(\\d+)\\.log$`).exec(name) ?? [];
  return number === undefined ? null : Number(number);
}
