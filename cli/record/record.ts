/** Records one command: starts it with the probe, drives it if asked to, ends it, and says what was recorded. */
import { withProbe } from '../../probes/preload.js';
import { groupParts } from '../../reports/read/trace-parts.js';
import { sayMany } from '../../reports/words.js';
import type { LoadPlan } from '../load/options.js';
import { EXIT, type ToolError } from '../errors.js';
import { say } from '../terminal.js';
import { attend } from './attend.js';
import { markGone } from './mark-gone.js';
import { announcePort } from './on-port.js';
import { describeEnding, startProgram, statusOf, type StartOptions } from './program.js';
import { catchSignals } from './signals.js';
import { settleFirst } from '../deep/settle.js';
import { openTraceDirectory, shortPath, type TraceDirectory } from './trace-directory.js';

export interface RecordOptions {
  command: string[];
  out?: string;
  /** How much of the end of each process is kept, as `parseKeep` has it; absent: all. */
  keep?: string;
  /** The command is ended after this time. */
  durationMs?: number;
  /** Between SIGTERM and SIGKILL. */
  graceMs: number;
  load: LoadPlan | null;
  /** Take clinic's async_hooks trace beside ours. */
  deep: boolean;
  /** Where the command's stdout goes. */
  output: StartOptions['output'];
}

export interface Recorded {
  directory: string;
  traces: string[];
  /** As the contract wants it: the command's own, or 0 when we ended it. */
  status: number;
  /** How the command ended, in words, if it did so on its own and with a failure; null else. */
  failure: string | null;
  /** What kept us from doing our part. */
  problem: ToolError | null;
}

/** @throws ToolError when the command cannot be started. */
export async function record(options: RecordOptions): Promise<Recorded> {
  const directory = openTraceDirectory(options.out);
  const probed = withProbe(process.env, directory.path, { keep: options.keep, startedIn: process.cwd() });
  // Imported here: few need it.
  const deep = options.deep ? (await import('../deep/prepare.js')).prepareDeep(directory.path, probed) : null;
  const env = deep?.env ?? probed;
  const signals = catchSignals();
  const announcement = options.load !== null && 'onPort' in options.load ? announcePort(env) : null;
  try {
    if (options.load !== null) await warnOfTakenPorts(options.load);
    const program = await startProgram(options.command, { env: announcement?.env ?? env, output: options.output });
    signals.passTo(deep === null ? program : settleFirst(program, deep.settle));
    const { stop, asked, problem, ending } = await attend(program, { ...options, ...(deep !== null && { settle: deep.settle }), announcement, asked: signals.asked });
    const traces = directory.newTraces();
    markGone(traces, stop !== 'gone' || asked);
    // One line is enough when there was nothing to record for a reason that will be told.
    if (problem === null || traces.length > 0) sayTraces(directory, traces);
    if (deep !== null) await (await import('../deep/finish.js')).finishDeep(deep, traces);
    const status = stop === 'gone' ? statusOf(ending) : EXIT.clean;
    return { directory: directory.path, traces, status, failure: status === 0 || asked ? null : describeEnding(ending), problem };
  } finally {
    signals.stop();
    announcement?.remove();
    deep?.remove();
    directory.removeIfEmpty();
  }
}

async function warnOfTakenPorts(plan: LoadPlan): Promise<void> {
  const { findTakenPorts } = await import('../load/drive.js');
  for (const host of await findTakenPorts(plan)) {
    say(`${host} accepts connections already, before the command was started: the load goes to whatever listens there`);
  }
}

function sayTraces(directory: TraceDirectory, traces: readonly string[]): void {
  // One that was cut into several files is one.
  if (traces.length > 0) {
    const { path, earlierTraces } = directory;
    // Whoever mends a fault, records again to the same place and checks that, would find it again.
    const beside = earlierTraces.length === 0 ? '' : `, beside ${groupParts(earlierTraces).length} of earlier runs that its reports show as well`;
    return say(`${sayMany(groupParts(traces).length, 'trace')} in ${shortPath(path)}${beside}`);
  }
  say('no trace: no pg pool or client was used; if one was, look whether NODE_OPTIONS reached that process, and whether it may write there');
}
