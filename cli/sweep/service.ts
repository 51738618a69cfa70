/** The service that is swept: started under the probe, and started again after it froze or ended. */
import { setTimeout as delay } from 'node:timers/promises';
import { isRefused, waitForPort, waitForUrl } from '../../scenarios/load/wait-for.js';
import { ToolError } from '../errors.js';
import { describeEnding, startProgram, type Ending, type Program } from '../record/program.js';
import type { CaughtSignals } from '../record/signals.js';

export interface ServiceOptions {
  command: string[];
  env: NodeJS.ProcessEnv;
  urls: string[];
  waitFor: string | null;
  waitTimeoutMs: number;
  signals: CaughtSignals;
}

export interface SweptService {
  /** Makes sure that it runs and listens. @throws ToolError when it does not come. */
  start(): Promise<void>;
  isRunning(): boolean;
  /** Aborted when it ends by itself; of the one that runs now. */
  gone(): AbortSignal;
  /**
   * Whether the service has gone: all of the command's processes, or just the one that listened, under an npx or a shell
   * that lives on. A process that ends lets go of its connections first; it is given a moment for the rest.
   */
  hasGone(): Promise<boolean>;
  /** @param graceMs between SIGTERM and SIGKILL. */
  end(graceMs: number): Promise<void>;
}

const POLL_MS = 100;
const FAREWELL_MS = 1500;

export function sweptService(options: ServiceOptions): SweptService {
  let program: Program | null = null;
  let gone = new AbortController();
  let ending: Ending | null = null;

  const launch = async (): Promise<void> => {
    const launched = await startProgram(options.command, { env: options.env, output: 'stderr' });
    const left = new AbortController();
    [program, gone, ending] = [launched, left, null];
    options.signals.passTo(launched);
    void tellWhenGone(launched, left);
  };
  const tellWhenGone = async (launched: Program, left: AbortController): Promise<void> => {
    const how = await launched.ended;
    if (program === launched) ending = how;
    // A shell may have put the service into the background.
    const isOurs = (): boolean => launched.isRunning() && program === launched;
    while (isOurs()) await delay(POLL_MS);
    left.abort();
  };
  const ready = async (): Promise<void> => {
    const wait = { timeoutMs: options.waitTimeoutMs, signal: AbortSignal.any([gone.signal, options.signals.asked]) };
    for (const url of options.urls) await waitForPort(url, wait);
    if (options.waitFor !== null) await waitForUrl(options.waitFor, wait);
  };

  return {
    async start() {
      if (program?.isRunning()) return;
      await launch();
      try {
        await ready();
      } catch (error) {
        if (options.signals.asked.aborted) throw error;
        const hosts = options.urls.map((url) => new URL(url).host).join(', ');
        if (gone.signal.aborted) throw new ToolError(`the command ${ending === null ? 'ended' : describeEnding(ending)} before ${hosts} opened`);
        throw new ToolError(`${error instanceof Error ? error.message : String(error)}; the command was still running`);
      }
    },
    isRunning: () => program?.isRunning() ?? false,
    gone: () => gone.signal,
    async hasGone() {
      for (const untilMs = performance.now() + FAREWELL_MS; ; await delay(POLL_MS)) {
        if (gone.signal.aborted || (await Promise.all(options.urls.map(isRefused))).some(Boolean)) return true;
        if (performance.now() > untilMs) return false;
      }
    },
    async end(graceMs) {
      const ended = program;
      program = null;
      await ended?.end(graceMs);
    },
  };
}
