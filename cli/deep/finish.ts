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

/** Clinic takes ten seconds and more for a graph. */
const MOST_GRAPHS = 3;

/** What came of the traces so far. */
interface Outcome {
  chains: number;
  graphs: number;
  /** Why some are missing: how often. */
  reasons: Map<string, number>;
}

/** Says what came of it. Nothing of this touches the traces themselves. */
export async function finishDeep(run: DeepRun, traces: readonly string[], mostGraphs = MOST_GRAPHS): Promise<void> {
  const outcome: Outcome = { chains: 0, graphs: 0, reasons: new Map() };
  if (process.stderr.isTTY && traces.length > 0) say("--deep: joining clinic's trace with ours, and drawing its graph …");
  for (const trace of groupParts(traces)) {
    try {
      await finishTrace(run, trace, outcome, mostGraphs);
    } catch (error) {
      note(outcome, `clinic's data could not be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  run.remove();
  const { chains, graphs, reasons } = outcome;
  if (chains > 0) say(`--deep: ${sayMany(chains, 'chain')} of asynchronous operations${graphs > 0 ? ", and clinic's graph," : ''} beside the traces`);
  else if (reasons.size === 0 && traces.length > 0) say('--deep: nothing was awaited while a connection was held, so there is no chain to show');
  for (const [reason, count] of reasons) say(`--deep: ${reason}${count > 1 ? ` (${count} traces)` : ''}${chains === 0 ? '; the report goes on without chains' : ''}`);
}

async function finishTrace({ clinic, folder }: DeepRun, trace: readonly string[], outcome: Outcome, mostGraphs: number): Promise<void> {
  const [file = ''] = trace;
  const { pid, thread, node, hrtimeMs = 0 } = await readHeader(file);
  if (thread !== 0) return note(outcome, 'clinic follows no worker threads');
  const paths = pathsOf(folder, pid);
  const problem = readNote(paths.note);
  if (problem !== null) note(outcome, sayNote(problem));
  if (!existsSync(paths.stacks)) return problem === null ? note(outcome, `process ${pid} left no data of clinic's`) : undefined;
  const isWhole = existsSync(paths.done);
  if (!isWhole) note(outcome, `process ${pid} was ended by force, and what clinic had not written is lost`);
  if ((await gatherEvents(listEvents(folder, pid), paths.events)) === 0) return isWhole ? note(outcome, `node ${node} left no events of async_hooks`) : undefined;
  const joined = await joinTraces({ trace, hrtimeMs, clinic, events: paths.events, stacks: paths.stacks });
  if ('problem' in joined) return note(outcome, `node ${node} does not say in its events what ran when`);
  const { deep } = joined;
  if (deep.chains.length === 0) return;
  outcome.chains += deep.chains.length;
  if (outcome.graphs < mostGraphs) {
    const page = besideTrace(file, 'clinic.html');
    const failure = await drawGraph(clinic, paths, page);
    if (failure === null) {
      deep.graph = basename(page);
      outcome.graphs += 1;
    } else note(outcome, `clinic's graph is missing: ${failure}`);
  }
  writeFileSync(besideTrace(file, 'deep.json'), JSON.stringify(deep), { mode: 0o600 });
}

async function readHeader(file: string): Promise<TraceHeader> {
  for await (const line of createInterface(createReadStream(file))) return JSON.parse(line) as TraceHeader;
  throw new Error(`${file} is empty`);
}

function note({ reasons }: Outcome, reason: string): void {
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
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
