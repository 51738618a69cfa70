/** Sweeps one service: starts it under the probe and raises the concurrency until something gives. */
import { readdirSync } from 'node:fs';
import { withProbe } from '../../probes/preload.js';
import { openDemandLog } from '../../reports/sweep/demand.js';
import { followTraces } from '../../reports/sweep/follow-traces.js';
import type { SweepRun, SweepStep } from '../../reports/sweep/model.js';
import { search } from '../../reports/sweep/search.js';
import { ToolError } from '../errors.js';
import { findTakenPorts } from '../load/drive.js';
import { openProgress } from '../progress.js';
import { catchSignals } from '../record/signals.js';
import { openTraceDirectory } from '../record/trace-directory.js';
import { say } from '../terminal.js';
import { openGauge } from './measure.js';
import type { SweepOptions } from './options.js';
import { sweptService } from './service.js';
import { tellCommand, tellUrl } from './told.js';

export interface Swept {
  run: SweepRun;
  directory: string;
  traces: string[];
  /** The user asked for the end. */
  asked: boolean;
}

const GRACE_MS = 5_000;
const DRIVEN_TO_DEATH = 6;

/** @throws ToolError when the command cannot be started, or answers not even a single request. */
export async function sweep(options: SweepOptions): Promise<Swept> {
  const { requests, from, to, waitFor, waitTimeoutMs, command } = options;
  const startedAt = new Date();
  const directory = openTraceDirectory(options.out);
  const signals = catchSignals();
  const progress = openProgress();
  const demand = openDemandLog();
  const readTraces = followTraces(directory.path, new Set(readdirSync(directory.path)), demand.add);
  const service = sweptService({ command, env: withProbe(options.env, directory.path, { startedIn: process.cwd() }), urls: requests.urls, waitFor, waitTimeoutMs, signals });
  let cutShort: string | null = null;
  let deaths = 0;
  try {
    for (const host of await findTakenPorts({ waitFor, waitTimeoutMs, requests: { ...requests, connections: from } })) {
      say(`${host} accepts connections already, before the command was started: the load goes to whatever listens there`);
    }
    progress.show('starting the service', 0, tellCommand(command));
    await service.start();
    let count = 0;
    const gauge = openGauge({
      requests,
      patienceMs: options.patienceMs,
      service,
      demand,
      readTraces,
      asked: signals.asked,
      onProgress: (concurrency, fraction, perSecond) => progress.show(`step ${count}: ${concurrency} at a time`, fraction, `${Math.round(perSecond)} requests/s`),
    });
    const problem = await gauge.tryOut();
    if (problem !== null) throw new ToolError(`a first request to ${requests.urls.join(' ')} failed, so there is nothing to measure: ${problem}`);
    const measured: SweepStep[] = [];
    const goesOn = (step: SweepStep): boolean => {
      measured.push(step);
      if (signals.asked.aborted) measured.pop();
      if (step.stopped !== null) deaths += 1;
      cutShort ??= signals.asked.aborted ? 'it was interrupted' : options.abortOnErrors && (step.failed > 0 || step.stopped !== null) ? `${step.concurrency} requests at a time brought errors (--abort-on errors)` : deaths >= DRIVEN_TO_DEATH ? `the service stopped ${deaths} times` : null;
      return cutShort === null;
    };
    const measure = (concurrency: number): Promise<SweepStep> => {
      count += 1;
      return gauge.measure(concurrency);
    };
    if (!signals.asked.aborted) await search({ from, to, measure, poolSizes: () => demand.poolSizes(), goesOn });
    await service.end(GRACE_MS);
    const steps = measured.toSorted((a, b) => a.concurrency - b.concurrency);
    const run = { url: requests.urls.map(tellUrl).join(' '), command: tellCommand(command), from, to, startedAt: startedAt.toISOString(), durationMs: Date.now() - startedAt.getTime(), steps, cutShort };
    return { run, directory: directory.path, traces: directory.newTraces(), asked: signals.asked.aborted };
  } finally {
    progress.clear();
    await service.end(GRACE_MS);
    signals.stop();
    directory.removeIfEmpty();
  }
}
