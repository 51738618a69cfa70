/** `--deep`, after the program has ended: joins what clinic has with our traces, and leaves chains and graph beside them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathsOf, rotationOf, type DeepNote } from '../../probes/deep/files.js';
import { gatherEvents } from '../../reports/deep/gather-events.js';
import { joinTraces } from '../../reports/deep/join.js';
import { besideTrace } from '../../reports/deep/model.js';
import { readTrace } from '../../reports/read/read-trace.js';
import { sayMany } from '../../reports/words.js';
import { say } from '../terminal.js';
import { drawGraph } from './graph.js';
import type { DeepRun } from './prepare.js';

/** Our code, wherever it is installed, is loaded by URL: its frames are no part of the program. */
const OWN = new URL('../../', import.meta.url).href;

/** How many processes got no chains, by what is said of it. */
type Reasons = Map<string, number>;

/** Says what came of it. Nothing of this touches the traces themselves. */
export async function finishDeep(run: DeepRun, traces: readonly string[]): Promise<void> {
  const reasons: Reasons = new Map();
  let chains = 0;
  for (const trace of traces) {
    try {
      chains += await finishTrace(run, trace, reasons);
    } catch (error) {
      note(reasons, `clinic's data could not be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  run.remove();
  if (chains > 0) say(`--deep: ${sayMany(chains, 'chain')} of asynchronous operations, and clinic's graph, beside the traces`);
  else if (reasons.size === 0 && traces.length > 0) say('--deep: nothing was awaited while a connection was held, so there is no chain to show');
  for (const [reason, count] of reasons) say(`--deep: ${reason}${count > 1 ? ` (${count} traces)` : ''}; the report goes on without`);
}

/** @returns how many chains it has now. */
async function finishTrace({ clinic, folder }: DeepRun, file: string, reasons: Reasons): Promise<number> {
  const trace = await readTrace(file);
  const { pid, thread } = trace.header;
  if (thread !== 0) return note(reasons, 'clinic follows no worker threads');
  const paths = pathsOf(folder, pid);
  const problem = readNote(paths.note);
  if (problem !== null) note(reasons, sayNote(problem));
  if (!existsSync(paths.stacks)) return problem === null ? note(reasons, `process ${pid} left no data of clinic's`) : 0;
  const logs = listEvents(folder, pid);
  if ((await gatherEvents(logs, paths.events)) === 0) return note(reasons, `node ${trace.header.node} left no events of async_hooks`);
  const graph = besideTrace(file, 'clinic.html');
  const options = { trace, clinic, events: paths.events, stacks: paths.stacks, graph: basename(graph), own: OWN };
  const joined = await joinTraces(options);
  if ('problem' in joined) return note(reasons, `node ${trace.header.node} does not say in its events what ran when`);
  const { deep } = joined;
  if (deep.chains.length === 0) return 0;
  const failure = await drawGraph(clinic, paths, graph);
  if (failure !== null) {
    deep.graph = null;
    note(reasons, `clinic's graph is missing: ${failure}`);
  }
  writeFileSync(besideTrace(file, 'deep.json'), JSON.stringify(deep), { mode: 0o600 });
  return deep.chains.length;
}

function note(reasons: Reasons, reason: string): 0 {
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return 0;
}

function readNote(file: string): DeepNote | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DeepNote) : null;
}

function sayNote({ reason, detail }: DeepNote): string {
  if (reason === 'node') return `clinic cannot follow node ${detail.replace('v', '')}, which lacks its events`;
  if (reason === 'size') return `it ended after ${detail}, which is as much as can be joined; what came later has no chain`;
  return `clinic failed in the program: ${detail}`;
}

function listEvents(folder: string, pid: number): string[] {
  const rotations = readdirSync(folder).flatMap((name) => {
    const rotation = rotationOf(name, pid);
    return rotation === null ? [] : [{ file: join(folder, name), rotation }];
  });
  return rotations.toSorted((a, b) => a.rotation - b.rotation).map(({ file }) => file);
}
