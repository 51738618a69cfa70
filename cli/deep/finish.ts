/** `--deep`, after the program has ended: joins what clinic has with our traces, and leaves chains and graph beside them. */
import { createReadStream, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathsOf, rotationOf, type DeepNote } from '../../probes/deep/files.js';
import type { TraceHeader } from '../../probes/trace/events.js';
import { gatherEvents } from '../../reports/deep/gather-events.js';
import { joinTraces } from '../../reports/deep/join.js';
import { besideTrace } from '../../reports/deep/model.js';
import { groupParts } from '../../reports/read/trace-parts.js';
import { sayMany } from '../../reports/words.js';
import { say } from '../terminal.js';
import { drawGraph } from './graph.js';
import type { DeepRun } from './prepare.js';

/** How many processes got no chains, by what is said of it. */
type Reasons = Map<string, number>;

/** Says what came of it. Nothing of this touches the traces themselves. */
export async function finishDeep(run: DeepRun, traces: readonly string[]): Promise<void> {
  const reasons: Reasons = new Map();
  let chains = 0;
  for (const trace of groupParts(traces)) {
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
async function finishTrace({ clinic, folder }: DeepRun, trace: readonly string[], reasons: Reasons): Promise<number> {
  const [file = ''] = trace;
  const { pid, thread, node, hrtimeMs = 0 } = await readHeader(file);
  if (thread !== 0) return note(reasons, 'clinic follows no worker threads');
  const paths = pathsOf(folder, pid);
  const problem = readNote(paths.note);
  if (problem !== null) note(reasons, sayNote(problem));
  if (!existsSync(paths.stacks)) return problem === null ? note(reasons, `process ${pid} left no data of clinic's`) : 0;
  const logs = listEvents(folder, pid);
  if ((await gatherEvents(logs, paths.events)) === 0) return note(reasons, `node ${node} left no events of async_hooks`);
  const graph = besideTrace(file, 'clinic.html');
  const options = { trace, hrtimeMs, clinic, events: paths.events, stacks: paths.stacks, graph: basename(graph) };
  const joined = await joinTraces(options);
  if ('problem' in joined) return note(reasons, `node ${node} does not say in its events what ran when`);
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

async function readHeader(file: string): Promise<TraceHeader> {
  for await (const line of createInterface(createReadStream(file))) return JSON.parse(line) as TraceHeader;
  throw new Error(`${file} is empty`);
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
