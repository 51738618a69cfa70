/** Stays with a started program: drives it if asked to, and ends it when its time has come. */
import { setTimeout as delay } from 'node:timers/promises';
import { sayMs } from '../../reports/words.js';
import { ToolError } from '../errors.js';
import type { DriveOptions } from '../load/drive.js';
import type { LoadPlan } from '../load/options.js';
import { say } from '../terminal.js';
import { describeEnding, type Ending, type Program } from './program.js';

/** Why the recording is over: the command has gone, its time is up, or the load is done. */
type Stop = 'gone' | 'duration' | 'driven';

/** Processes that the command left running get this long to end by themselves. */
const LEFT_BEHIND_MS = 10_000;
/** Requests that the load cut off may still be worked on. */
const SETTLE_MS = 300;
const POLL_MS = 100;

export interface Attendance {
  stop: Stop;
  /** The user asked for the end, with Ctrl-C or a signal to us. */
  asked: boolean;
  problem: ToolError | null;
  ending: Ending;
}

export interface AttendOptions extends Pick<DriveOptions, 'announcement' | 'output'> {
  load: LoadPlan | null;
  durationMs?: number;
  graceMs: number;
  /** Waited for before the command is ended. */
  settle?: () => Promise<void>;
  /** Aborted when the user asks for the end; the program has been told then. */
  asked: AbortSignal;
}

/** Resolves when nothing of the program is left. */
export async function attend(program: Program, options: AttendOptions): Promise<Attendance> {
  const { load, durationMs, graceMs, settle, output, announcement, asked } = options;
  const cut = new AbortController();
  const time = new AbortController();
  const driving = load === null ? null : driveUntil({ plan: load, announcement, output, signal: AbortSignal.any([cut.signal, asked]) });
  // With a load or a duration, a service in the background counts as the command, even when the shell that started it has ended.
  const gone = load === null && durationMs === undefined ? program.ended : untilGone(program, asked);
  let stop = await Promise.race([
    gone.then((): Stop => 'gone'),
    ...(durationMs === undefined ? [] : [delay(durationMs, 'duration' as const, { signal: time.signal }).catch((): Stop => 'gone')]),
    ...(driving === null ? [] : [driving.then((): Stop | Promise<never> => (asked.aborted ? new Promise(() => {}) : 'driven'))]),
  ]);
  time.abort();
  cut.abort();
  const driven = await driving;
  if (stop === 'driven') {
    await delay(SETTLE_MS);
    // It may have crashed under the load, or be the reason why the load failed.
    if (!program.isRunning()) stop = 'gone';
  }
  if (stop === 'gone') await endLeftovers(program, graceMs, asked);
  else {
    await settle?.();
    await program.end(graceMs);
  }
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
type Driven = { how: 'done' } | { how: 'cut' } | { how: 'failed'; error: unknown };

async function driveUntil(options: DriveOptions): Promise<Driven> {
  // Imported here, for those who record without a load.
  const { drive } = await import('../load/drive.js');
  try {
    await drive(options);
    return { how: 'done' };
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
  if (stop === 'gone') say(`the command ${describeEnding(ending)} during the load`);
  return null;
}

function describeTarget(plan: LoadPlan): string {
  return 'onPort' in plan ? 'it listened on a port' : `${plan.requests.urls.map((url) => new URL(url).host).join(', ')} opened`;
}
