import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { besideTrace, DEEP_VERSION, type DeepFile } from './model.js';

/** A trace's deep file, with the graph's path in place of its name. */
export type Deep = DeepFile | 'unreadable';

/** What the deep mode left beside a trace; null: it was not used. */
export async function readDeep(trace: string): Promise<Deep | null> {
  const file = besideTrace(trace, 'deep.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'unreadable';
  }
  try {
    const deep = JSON.parse(text) as DeepFile;
    if (deep.version !== DEEP_VERSION) return 'unreadable';
    return { ...deep, graph: deep.graph === null ? null : join(dirname(file), deep.graph) };
  } catch {
    return 'unreadable';
  }
}
