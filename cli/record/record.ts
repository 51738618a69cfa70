/** Records one command: starts it with the probe, drives it if asked to, ends it, and says what was recorded. */
import { setTimeout as delay } from 'node:timers/promises';
import { withProbe } from '../../probes/preload.js';
import { sayMany, sayMs } from '../../reports/words.js';
import type { DriveOptions } from '../load/drive.js';
import type { LoadPlan } from '../load/options.js';
import { EXIT, ToolError } from '../errors.js';
import { say } from '../terminal.js';
import { announcePort, type PortAnnouncement } from './on-port.js';
import { describeEnding, startProgram, statusOf, type Ending, type Program, type StartOptions } from './program.js';
import { catchSignals, type CaughtSignals } from './signals.js';
import { openTraceDirectory, shortPath, type TraceDirectory } from './trace-directory.js';

export interface RecordOptions {
  command: string[];
  out?: string;
  /** The command is ended after this time. */
  durationMs?: number;
  /** Between SIGTERM and SIGKILL. */
  graceMs: number;
  load: LoadPlan | null;
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

/** Why the recording is over: the command has gone, its time is up, or the load is done. */
type Stop = 'gone' | 'duration' | 'driven';

/** Processes that the command left running get this long to end by themselves. */
const LEFT_BEHIND_MS = 10_000;
/** Requests that the load cut off may still be worked on. */
const SETTLE_MS = 300;
const POLL_MS = 100;

/** @throws ToolError when the command cannot be started. */
export async function record(options: RecordOptions): Promise<Recorded> {
  const directory = openTraceDirectory(options.out);
  const env = withProbe(process.env, directory.path);
  const signals = catchSignals();
  const announcement = options.load !== null && 'onPort' in options.load ? announcePort(env) : null;
  try {
    if (options.load !== null) await warnOfTakenPorts(options.load);
    const program = await startProgram(options.command, { env: announcement?.env ?? env, output: options.output });
    signals.passTo(program);
    const { stop, asked, problem, ending } = await attend(program, options, announcement, signals);
    const traces = directory.newTraces();
    // One line is enough when there was nothing to record for a reason that will be told.
    if (problem === null || traces.length > 0) sayTraces(directory, traces);
    const status = stop === 'gone' ? statusOf(ending) : EXIT.clean;
    return { directory: directory.path, traces, status, failure: status === 0 || asked ? null : describeEnding(ending), problem };
  } finally {
    signals.stop();
    announcement?.remove();
    directory.removeIfEmpty();
  }
}

interface Attendance {
  stop: Stop;
  /** The user asked for the end, with Ctrl-C or a signal to us. */
  asked: boolean;
  problem: ToolError | null;
  ending: Ending;
}

/** Stays with the program until nothing of it is left. */
async function attend(program: Program, options: RecordOptions, announcement: PortAnnouncement | null, { asked }: CaughtSignals): Promise<Attendance> {
  const { load, durationMs, graceMs, output } = options;
  const cut = new AbortController();
  const time = new AbortController();
  const driving = load === null ? null : driveUntil({ plan: load, announcement, output, signal: AbortSignal.any([cut.signal, asked]) });
  // With a load or a duration, a service in the background counts as the command, even when the shell that started it has ended.
  const gone = load === null && durationMs === undefined ? program.ended : untilGone(program, asked);
  const stop = await Promise.race([
    gone.then((): Stop => 'gone'),
    ...(durationMs === undefined ? [] : [delay(durationMs, 'duration' as const, { signal: time.signal }).catch((): Stop => 'gone')]),
    ...(driving === null ? [] : [driving.then((): Stop | Promise<never> => (asked.aborted ? new Promise(() => {}) : 'driven'))]),
  ]);
  time.abort();
  cut.abort();
  const driven = await driving;
  if (stop === 'driven') await delay(SETTLE_MS);
  if (stop === 'gone') await endLeftovers(program, graceMs, asked);
  else await program.end(graceMs);
  const ending = await program.ended;
  return { stop, asked: asked.aborted, ending, problem: driven === null || load === null || asked.aborted ? null : judgeDrive(driven, stop, ending, load) };
}

async function untilGone(program: Program, asked: AbortSignal): Promise<void> {
  await program.ended;
  while (!asked.aborted && program.isRunning()) await delay(POLL_MS);
}

/** What the command left running may end by itself, if it does so soon; nothing stays behind. */
async function endLeftovers(program: Program, graceMs: number, asked: AbortSignal): Promise<void> {
  const startMs = performance.now();
  let told = false;
  while (program.isRunning() && performance.now() - startMs < (asked.aborted ? graceMs : LEFT_BEHIND_MS)) {
    if (!told && performance.now() - startMs > 1_000) {
      say(`the command has ended, but not all that it started; waiting up to ${sayMs(LEFT_BEHIND_MS)}`);
      told = true;
    }
    await delay(POLL_MS);
  }
  const count = await program.end(graceMs);
  if (count > 0) say(`ended ${count === 1 ? 'a process' : `${count} processes`} that the command had left running`);
}

/** done: as far as the signal let it; cut: it had not begun. */
type Driven = { how: 'done'; cut: boolean } | { how: 'cut' } | { how: 'failed'; error: unknown };

async function driveUntil(options: DriveOptions): Promise<Driven> {
  // Imported here, for those who record without a load.
  const { drive } = await import('../load/drive.js');
  try {
    await drive(options);
    return { how: 'done', cut: options.signal.aborted };
  } catch (error) {
    return options.signal.aborted && !(error instanceof ToolError) ? { how: 'cut' } : { how: 'failed', error };
  }
}

function judgeDrive(driven: Driven, stop: Stop, ending: Ending, plan: LoadPlan): ToolError | null {
  const target = describeTarget(plan);
  if (driven.how === 'failed') {
    const message = driven.error instanceof Error ? driven.error.message : String(driven.error);
    const meanwhile = stop === 'gone' ? `the command ${describeEnding(ending)}` : 'the command was still running';
    return new ToolError(`${message}; ${meanwhile}`);
  }
  if (driven.how === 'cut') {
    const reason = stop === 'gone' ? `the command ${describeEnding(ending)}` : '--duration was over';
    return new ToolError(`${reason} before ${target}`);
  }
  if (driven.cut && stop === 'gone') say(`the command ${describeEnding(ending)} during the load`);
  return null;
}

function describeTarget(plan: LoadPlan): string {
  return 'onPort' in plan ? 'it listened on a port' : `${plan.requests.urls.map((url) => new URL(url).host).join(', ')} opened`;
}

async function warnOfTakenPorts(plan: LoadPlan): Promise<void> {
  const { findTakenPorts } = await import('../load/drive.js');
  for (const host of await findTakenPorts(plan)) {
    say(`${host} accepts connections already, before the command was started: the load goes to whatever listens there`);
  }
}

function sayTraces(directory: TraceDirectory, traces: readonly string[]): void {
  if (traces.length > 0) return say(`${sayMany(traces.length, 'trace')} in ${shortPath(directory.path)}`);
  say('no trace: no pg pool or client was used; if one was, look whether NODE_OPTIONS reached that process');
}
